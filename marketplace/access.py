"""From an address on the marketplace to its row."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from marketplace.models import Listing, ListingVersion, Publisher
from tenants.errors import NotFound


def offered() -> QuerySet[Listing]:
    """Listings that everybody may see, with their publisher and current version, without the long columns."""
    return (
        Listing.objects.filter(published_at__isnull=False)
        .exclude(publisher__standing=Publisher.Standing.BANNED)
        .exclude(current_version__availability=ListingVersion.Availability.YANKED)
        .select_related("publisher", "current_version")
        .defer("description", "search", "trigrams", "current_version__manifest")
    )


def get_listing(namespace: str, slug: str) -> Listing:
    return _only(Q(publisher__namespace=namespace, slug=slug))


def get_listing_by_id(listing_id: UUID) -> Listing:
    return _only(Q(pk=listing_id))


def find_version(ref: str, semver: str = "") -> ListingVersion:
    """The version `semver` (empty: the newest) of the listing `publisher/slug`, or of the listing with that id."""
    namespace, slash, slug = ref.partition("/")
    listing = get_listing(namespace, slug) if slash else get_listing_by_id(_uuid(ref))
    if semver or listing.current_version is None:
        return get_version(listing, semver)
    return listing.current_version


def get_version(listing: Listing, semver: str) -> ListingVersion:
    """A published version of `listing`; the refusal names the newest one."""
    version = published_versions(listing).filter(semver=semver).first()
    if version is None:
        newest = listing.current_version.semver if listing.current_version else "none"
        raise NotFound(f"{listing.title} has no version {semver[:64]}; the newest is {newest}.", code="unknown_version")
    return version


def published_versions(listing: Listing) -> QuerySet[ListingVersion]:
    """Newest first."""
    states = ListingVersion.ReviewState
    return ListingVersion.objects.filter(listing=listing, review_state=states.PUBLISHED).order_by(
        "-published_at", "-id"
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("Name a listing as publisher/slug, or by its id.") from None


def _only(condition: Q) -> Listing:
    listing = offered().defer(None).defer("search", "trigrams").filter(condition).first()
    if listing is None:
        raise NotFound("There is no such listing on the market. It may have been withdrawn; search for another.")
    return listing
