"""Putting an approved version on the market, and keeping a listing's face that of its newest published version."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from marketplace.browsing.indexing import index
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json
from marketplace.manifest.text import semver_key
from marketplace.models import Listing, ListingVersion
from marketplace.moderation import transitions
from marketplace.moderation.actors import SYSTEM, Actor

States = ListingVersion.ReviewState
Availability = ListingVersion.Availability


def publish(version: ListingVersion, by: Actor = SYSTEM) -> None:
    """Publish an approved version. Follows the approval, in its transaction; the listing's row is locked by then."""
    published = transitions.move(version.pk, to=States.PUBLISHED, expected={States.APPROVED}, by=by)
    listing = published.listing
    listing.visibility = published.visibility
    listing.save(update_fields=["visibility", "updated_at"])
    if published.is_for_everybody:
        _take_back_unread(listing, by)
    settle(listing)


def _take_back_unread(listing: Listing, by: Actor) -> None:
    """Versions that were sent in for a workspace alone were read by nobody; a listing for everybody no longer offers them."""
    narrow = [Listing.Visibility.PRIVATE, Listing.Visibility.SHARED]
    unread = listing.versions.filter(review_state=States.PUBLISHED, visibility__in=narrow).exclude(
        availability="yanked"
    )
    for version in unread:
        transitions.set_availability(
            version.pk,
            to=Availability.YANKED,
            expected={Availability.AVAILABLE, Availability.DEPRECATED},
            by=by,
            reason="It was published for fewer people and never read. Use a newer version.",
        )


def came_back(version: ListingVersion, by: Actor) -> None:
    """A version is in review: if it was published before that, the listing shows another one again, or none."""
    if version.listing.current_version_id == version.pk:
        settle(version.listing)


def settle(listing: Listing) -> None:
    """Make the newest version that is offered the listing's face, or take the listing off where there is none."""
    newest = newest_of(listing)
    listing.current_version = newest
    if newest is None:
        listing.published_at = None
        listing.save(update_fields=["current_version", "published_at", "updated_at"])
    else:
        words = words_of(read_json(newest.manifest))
        for name, value in words.items():
            setattr(listing, name, value)
        listing.published_at = listing.published_at or newest.published_at or timezone.now()
        listing.save(update_fields=["current_version", "published_at", "updated_at", *words])
    index(listing)


def newest_of(listing: Listing) -> ListingVersion | None:
    """The highest number that is offered; of versions that are all yanked, the highest, whose page then says so."""
    published = list(ListingVersion.objects.filter(listing=listing, review_state=States.PUBLISHED))
    offered = [version for version in published if version.availability != Availability.YANKED]
    return max(offered or published, key=lambda version: semver_key(version.semver), default=None)


def live_of(listing: Listing, *, but: ListingVersion) -> ListingVersion | None:
    """The version that people have now, besides the one that is looked at."""
    if listing.current_version_id == but.pk:
        return None
    return ListingVersion.objects.filter(Q(pk=listing.current_version_id), review_state=States.PUBLISHED).first()


def words_of(manifest: Manifest) -> dict[str, object]:
    """What a listing copies from its current version."""
    told = manifest.metadata
    return {
        "title": told.title,
        "summary": told.summary,
        "description": told.description,
        "category": told.categories[0],
        "tags": list(told.tags),
        "licence": told.license,
        "offline": manifest.offline,
    }
