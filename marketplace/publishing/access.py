"""From an id to something that this workspace publishes. What another publishes does not exist here."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from marketplace.models import Listing, ListingVersion
from tenants.access import Member
from tenants.errors import NotFound


def submissions(member: Member) -> QuerySet[ListingVersion]:
    """What this workspace has sent in, without the long column."""
    found = ListingVersion.objects.filter(listing__publisher__tenant_id=member.tenant_id)
    return found.select_related("listing__publisher").defer("manifest")


def get_submission(member: Member, version_id: UUID) -> ListingVersion:
    version = submissions(member).defer(None).filter(pk=version_id).first()
    if version is None:
        raise NotFound("This workspace has sent in no such version.")
    return version


def listings(member: Member) -> QuerySet[Listing]:
    """What this workspace publishes, whoever may see it."""
    return Listing.objects.filter(publisher__tenant_id=member.tenant_id).select_related("publisher", "current_version")


def get_listing(member: Member, listing_id: UUID) -> Listing:
    listing = listings(member).filter(pk=listing_id).first()
    if listing is None:
        raise NotFound("This workspace publishes no such listing.")
    return listing


def get_version(member: Member, listing_id: UUID, semver: str) -> ListingVersion:
    """A published version of an own listing, by its number."""
    listing = get_listing(member, listing_id)
    found = listing.versions.filter(semver=semver, review_state=ListingVersion.ReviewState.PUBLISHED)
    version = found.select_related("listing__publisher").first()
    if version is None:
        raise NotFound(f"{listing.title} has no published version {semver[:64]}.", code="unknown_version")
    return version
