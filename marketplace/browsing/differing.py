"""What changed between two versions of a listing, as a reader sees it: power first."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.access import get_version
from marketplace.manifest.comparing import Difference, compare
from marketplace.manifest.reading import read_json
from marketplace.models import Listing, ListingVersion


@dataclass(frozen=True, slots=True)
class Between:
    """Two versions and their difference."""

    old: ListingVersion
    new: ListingVersion
    told: Difference


def between(listing: Listing, old: str, new: str) -> Between:
    """Raises NotFound for a number that was not published."""
    before, after = get_version(listing, old), get_version(listing, new)
    return Between(before, after, compare(read_json(before.manifest), read_json(after.manifest)))
