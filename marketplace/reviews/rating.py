"""From many scores to one number that few scores cannot carry away.

The Bayesian mean (B. Miller, "How not to sort by average rating", 2009, and IMDb's weighted rating): as if every listing had begun with
`PRIOR_WEIGHT` reviews of `PRIOR_MEAN`. One review of 5 gives 3.75, a hundred of them 4.93.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from marketplace.models import Listing
from marketplace.reviews.models import HIGHEST, LOWEST, Review

PRIOR_MEAN = 3.5
PRIOR_WEIGHT = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """One score of the distribution; `share` in whole percent of all reviews."""

    score: int
    count: int
    share: int


@dataclass(frozen=True, slots=True)
class Rating:
    """`mean` is what people gave on average, `bayes` what listings are compared by; both 0 without a review."""

    count: int
    mean: float
    bayes: float
    bars: tuple[Bar, ...]


def rating(listing: Listing) -> Rating:
    """From the reviews that are shown, highest score first."""
    shown = Review.objects.filter(listing=listing, hidden_at=None).order_by()
    return rating_of(dict(shown.values_list("score").annotate(Count("pk"))))


def rating_of(counts: Mapping[int, int]) -> Rating:
    """From {score: how often}."""
    total, points = sum(counts.values()), sum(score * count for score, count in counts.items())
    bars = tuple(
        Bar(score, counts.get(score, 0), round(100 * counts.get(score, 0) / total) if total else 0)
        for score in range(HIGHEST, LOWEST - 1, -1)
    )
    if not total:
        return Rating(0, 0.0, 0.0, bars)
    bayes = (PRIOR_WEIGHT * PRIOR_MEAN + points) / (PRIOR_WEIGHT + total)
    return Rating(total, round(points / total, 2), round(bayes, 4), bars)


def renew(listing_id: UUID) -> None:
    """Write a listing's rating anew; the caller holds the lock of the listing, so that two reviews count as two."""
    listing = Listing.objects.get(pk=listing_id)
    found = rating(listing)
    Listing.objects.filter(pk=listing.pk).update(rating_bayes=found.bayes, rating_count=found.count)
