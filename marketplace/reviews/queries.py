"""Reading reviews."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from marketplace.models import Listing, ListingVersion
from marketplace.reviews.models import Review, ReviewEdit, ReviewVote
from tenants.models import User


class Ordering(StrEnum):
    HELPFUL = "helpful"
    NEWEST = "newest"
    HIGHEST = "highest"
    LOWEST = "lowest"


COLUMNS: dict[Ordering, tuple[str, ...]] = {
    Ordering.HELPFUL: ("-helpful", "-created_at", "-id"),
    Ordering.NEWEST: ("-created_at", "-id"),
    Ordering.HIGHEST: ("-score", "-created_at", "-id"),
    Ordering.LOWEST: ("score", "-created_at", "-id"),
}


def shown(
    listing: Listing, *, version: str = "", score: int = 0, ordering: Ordering = Ordering.HELPFUL
) -> QuerySet[Review]:
    """What everybody may read, with the reply and what it said before; only of this version, only with this score."""
    rows = Review.objects.filter(listing=listing, hidden_at=None)
    if version:
        rows = rows.filter(version__semver=version)
    if score:
        rows = rows.filter(score=score)
    edits = Prefetch("edits", ReviewEdit.objects.select_related("version").order_by("-created_at"))
    return (
        rows.select_related("version", "author", "reply")
        .defer("version__manifest")
        .prefetch_related(edits)
        .order_by(*COLUMNS[ordering])
    )


def versions_reviewed(listing: Listing) -> list[str]:
    """The numbers of the versions that have reviews, newest first."""
    found = ListingVersion.objects.filter(
        pk__in=Review.objects.filter(listing=listing, hidden_at=None).values("version")
    )
    return list(found.order_by("-published_at", "-id").values_list("semver", flat=True))


def voted(user: User, reviews: list[Review]) -> set[UUID]:
    """Which of these the person found helpful."""
    return set(ReviewVote.objects.filter(user=user, review__in=reviews).values_list("review_id", flat=True))
