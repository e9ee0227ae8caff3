"""From an address on the market to a version that this workspace may see."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from marketplace.access import listing_id_of, published_versions
from marketplace.manifest.text import semver_key
from marketplace.models import Listing, ListingShare, ListingVersion, Publisher
from tenants.access import Member
from tenants.errors import NotFound

Visibility = Listing.Visibility
LONGEST_SEMVER = 64


def visible_to(tenant_id: UUID) -> QuerySet[Listing]:
    """Listings that may be installed in this workspace, as far as its publisher decides: open ones, its own, those shared with it."""
    shared = ListingShare.objects.filter(tenant_id=tenant_id).values("listing_id")
    return (
        Listing.objects.filter(published_at__isnull=False)
        .filter(
            Q(visibility__in=[Visibility.PUBLIC, Visibility.UNLISTED])
            | Q(publisher__tenant_id=tenant_id)
            | Q(visibility=Visibility.SHARED, pk__in=shared)
        )
        .exclude(publisher__standing=Publisher.Standing.BANNED)
        .select_related("publisher", "current_version")
    )


def find_version(ref: str, semver: str, *, by: Member) -> ListingVersion:
    """The version `semver` (empty: the newest that is offered) of `publisher/slug`, or of the listing with that id.

    A withdrawn version is found by its number, so that whoever asks for it is told why it cannot be had.
    """
    listing = _listing(ref, by)
    found = list(published_versions(listing))
    version = _numbered(found, semver) if semver else _newest(found)
    if version is None:
        newest = _newest(found)
        told = f"the newest is {newest.semver}" if newest else "none is offered now"
        name = f"no version {semver[:LONGEST_SEMVER]}" if semver else "no version to install"
        raise NotFound(f"{listing.title} has {name}; {told}.", code="unknown_version")
    version.listing = listing
    return version


def _listing(ref: str, by: Member) -> Listing:
    namespace, slash, slug = ref.partition("/")
    wanted = Q(publisher__namespace=namespace, slug=slug) if slash else Q(pk=listing_id_of(ref))
    listing = visible_to(by.tenant_id).filter(wanted).first()
    if listing is None:
        raise NotFound("There is no such listing on the market. It may have been withdrawn; search for another.")
    if listing.retired_at is not None:
        raise NotFound(f"{listing.title} is offered no longer. What is installed goes on; nothing new can be.")
    return listing


def _numbered(found: Iterable[ListingVersion], semver: str) -> ListingVersion | None:
    return next((version for version in found if version.semver == semver), None)


def _newest(found: Iterable[ListingVersion]) -> ListingVersion | None:
    offered = [each for each in found if each.availability != ListingVersion.Availability.YANKED]
    return max(offered, key=lambda version: semver_key(version.semver), default=None)
