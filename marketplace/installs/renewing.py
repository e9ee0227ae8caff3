"""What workers do for installations: look for newer versions, take them where that was wished, and forget what was removed."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction

from marketplace.installs import access, telling
from marketplace.installs.models import Installation, UpdatePolicy
from marketplace.installs.offering import may_come_by_itself, newer_versions
from marketplace.installs.services import forget_copies
from marketplace.installs.services.updating import apply_by_itself
from marketplace.models import ListingVersion
from projects.work.leases import Ending, Lease
from tenants.access import Member, who_answers
from tenants.context import PUBLIC, enter
from tenants.errors import DomainError
from tenants.models import Tenant

log = logging.getLogger("guildhall.installs")
NOTES = {
    "not_granted": "It asks for more than the present version, so somebody here has to look first.",
    "edited": "It was changed here, so somebody has to say what becomes of the changes.",
}
BY_HAND = "Look at what it changes, and take it when you like."


def look_for_update(lease: Lease) -> Ending:
    """Take the newest version that may come by itself; tell people of one that may not. Doing it again changes nothing."""
    installation = access.installed().defer(None).filter(pk=lease.object_id).first()
    if installation is None:
        return "done"
    with enter(PUBLIC):
        tenant = Tenant.objects.get(schema_name=lease.schema)
    note = _take(installation, tenant)
    installation.refresh_from_db()
    newest = next(iter(newer_versions([installation])[installation.pk]), None)
    _offer(installation, newest, note, tenant)
    return "done"


def forget(lease: Lease) -> Ending:
    forget_copies(lease.object_id)
    return "done"


def give_up(installation_id: UUID, reason: str) -> None:
    """Nothing is lost: the next version, or a person, asks again."""
    log.warning("Installation %s was not looked at: %s", installation_id, reason)


def _take(installation: Installation, tenant: Tenant) -> str:
    """Update it to the newest version that widens nothing; why the newest one was not taken, as a sentence."""
    if installation.update_policy == UpdatePolicy.MANUAL:
        return BY_HAND
    maker = _maker(installation, tenant)
    if maker is None:
        return "Whoever wished that updates come by themselves is no longer here to answer for them."
    first = ""
    for version in newer_versions([installation])[installation.pk]:
        if not may_come_by_itself(installation, version):
            first = first or BY_HAND
            continue
        note = _try(installation, version, maker)
        if not note:
            return first
        first = first or note
    return first


def _try(installation: Installation, version: ListingVersion, maker: Member) -> str:
    whole = ListingVersion.objects.select_related("listing").get(pk=version.pk)
    try:
        apply_by_itself(installation=installation, version=whole, by=maker)
    except DomainError as refusal:
        return NOTES.get(refusal.code, refusal.detail)
    return ""


@transaction.atomic
def _offer(installation: Installation, version: ListingVersion | None, note: str, tenant: Tenant) -> None:
    """Keep what is offered, and tell people of it once."""
    installation = access.lock(installation.pk)
    installation.offered_version_id = version.pk if version else None
    installation.offered_semver = version.semver if version else ""
    installation.offer_note = note[:400] if version else ""
    installation.save(update_fields=["offered_version_id", "offered_semver", "offer_note", "updated_at"])
    if version is not None:
        telling.tell_of_update(installation, version, note, tenant)


def _maker(installation: Installation, tenant: Tenant) -> Member | None:
    """Who answers for what comes by itself, as they may act now; None when they may not."""
    return who_answers(installation.policy_by_id or installation.by_id, tenant)
