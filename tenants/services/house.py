"""Workspaces of the platform's own."""

from __future__ import annotations

from django.db import connection, transaction

from tenants import resolving
from tenants.cloning import TEMPLATE, clone_schema
from tenants.context import PUBLIC, enter
from tenants.errors import WrongState
from tenants.models import Tenant
from tenants.services.workspaces import schema_for


def ensure_house_workspace(*, name: str, slug: str, runs_at_once: int) -> Tenant:
    """A workspace without members, so that nobody can enter it; made when it is first needed. `slug` must be a reserved one."""
    with enter(PUBLIC):
        found: Tenant = Tenant.objects.filter(slug=slug).first() or _make(name, slug, runs_at_once)
        if found.memberships.exists():
            raise WrongState(
                f"The workspace /w/{slug}/ belongs to somebody; the platform needs this address for itself."
            )
    return found


@transaction.atomic
def _make(name: str, slug: str, runs_at_once: int) -> Tenant:
    """Whoever comes second waits here, and finds what the first has made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"house:{slug}"])
    there: Tenant | None = Tenant.objects.filter(slug=slug).first()
    if there is not None:
        return there
    tenant = Tenant(name=name, slug=slug, schema_name=schema_for(slug), runs_at_once=runs_at_once)
    tenant.save(force_insert=True)
    clone_schema(TEMPLATE, tenant.schema_name)
    transaction.on_commit(resolving.forget)
    return tenant
