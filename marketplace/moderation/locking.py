"""Locks in the order in which everybody takes them: the listing, the version, the decision, the task."""

from __future__ import annotations

from uuid import UUID

from marketplace.models import ListingVersion
from marketplace.moderation import transitions
from marketplace.moderation.models import Decision
from marketplace.moderation.targets import Target, target_of, target_of_row
from tenants.errors import NotFound


def lock_target(target: Target) -> Target:
    """The target as it is now, its listing and version locked."""
    if isinstance(target.thing, ListingVersion):
        return target_of(transitions.lock(target.pk))
    if target.listing is not None:
        transitions.lock_listing(target.listing.pk)
    return target


def lock_decision(decision_id: UUID) -> Decision:
    """The decision, locked after what it is about. Raises NotFound."""
    found = Decision.objects.filter(pk=decision_id).first()
    if found is None:
        raise NotFound("There is no such decision.")
    lock_target(target_of_row(found))
    rows = Decision.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("version__listing__publisher", "listing__publisher", "publisher").get(pk=decision_id)
