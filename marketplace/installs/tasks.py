"""What beat asks of installations."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction
from django.db.models import F, Q

from marketplace.installs import access
from marketplace.installs.offering import look_again
from marketplace.models import InstallLedger
from tenants.context import enter
from tenants.models import Tenant
from tenants.tasks import PublicTask

AT_ONCE = 500


@shared_task(base=PublicTask, name="installs.look_for_updates")
def look_for_updates() -> int:
    """Have every workspace that holds an older version than the current one look at it, once per version."""
    outdated = (
        InstallLedger.objects.filter(state=InstallLedger.State.INSTALLED)
        .exclude(listing__current_version=F("listing_version"))
        .filter(Q(seen_version_id=None) | ~Q(seen_version_id=F("listing__current_version_id")))
        .exclude(listing__current_version=None)
        .values_list("pk", "tenant_id", "listing_id", "listing__current_version_id")
    )
    schemas = dict(Tenant.objects.filter(status=Tenant.Status.ACTIVE).values_list("pk", "schema_name"))
    found = [line for line in outdated[:AT_ONCE] if line[1] in schemas]
    for line_id, tenant_id, listing_id, current_id in found:
        with transaction.atomic():
            InstallLedger.objects.filter(pk=line_id).update(seen_version_id=current_id)
            with enter(schemas[tenant_id]):
                for installation_id in access.installed().filter(listing_id=listing_id).values_list("pk", flat=True):
                    look_again(installation_id)
    return len(found)
