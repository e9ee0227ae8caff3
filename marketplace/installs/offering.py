"""Newer versions of what is installed: which there are, and the work of looking for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from marketplace.installs.models import Installation, UpdatePolicy
from marketplace.manifest.text import semver_key
from marketplace.models import Health, ListingVersion
from projects.work import queue

KIND = "installation.offer"
QUEUE = "default"
States = ListingVersion.ReviewState
Availability = ListingVersion.Availability


def look_again(installation_id: UUID) -> None:
    """Have a worker look whether something newer is there, and take it where that was wished."""
    queue.enqueue(kind=KIND, object_id=installation_id, queue=QUEUE)


def newer_versions(installations: Iterable[Installation]) -> dict[UUID, list[ListingVersion]]:
    """By installation, what its publisher offers beyond the present version, the newest first. One query."""
    here = list(installations)
    found = (
        ListingVersion.objects.filter(listing_id__in=[each.listing_id for each in here], review_state=States.PUBLISHED)
        .exclude(availability=Availability.YANKED)
        .only("id", "listing_id", "semver", "digest", "availability", "health", "changelog", "published_at")
    )
    by_listing: dict[UUID, list[ListingVersion]] = defaultdict(list)
    for version in found:
        by_listing[version.listing_id].append(version)
    return {each.pk: _newer(each, by_listing[each.listing_id]) for each in here}


def _newer(installation: Installation, versions: list[ListingVersion]) -> list[ListingVersion]:
    present = semver_key(installation.semver)
    newer = [each for each in versions if semver_key(each.semver) > present and not _is_pre(each, installation)]
    return sorted(newer, key=lambda version: semver_key(version.semver), reverse=True)


def _is_pre(version: ListingVersion, installation: Installation) -> bool:
    """A pre-release is offered only to those who have one."""
    return "-" in version.semver and "-" not in installation.semver


def may_come_by_itself(installation: Installation, version: ListingVersion) -> bool:
    """Whether the update policy lets it come, if it widens nothing. One that is known to fail never does."""
    if version.health == Health.FAILING or version.availability == Availability.DEPRECATED:
        return False
    match UpdatePolicy(installation.update_policy):
        case UpdatePolicy.LATEST:
            return True
        case UpdatePolicy.PATCH:
            return semver_key(version.semver)[:2] == semver_key(installation.semver)[:2]
        case _:
            return False
