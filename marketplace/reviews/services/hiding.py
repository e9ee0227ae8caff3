"""What moderation does to a review: find it, take it away with a reason, bring it back."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from marketplace.moderation.targets import ReviewOf
from marketplace.moderation.transitions import lock_listing
from marketplace.reviews import rating
from marketplace.reviews.models import Review
from tenants.errors import NotFound


def find(review_id: UUID) -> ReviewOf:
    review = _get(review_id)
    return ReviewOf(pk=review.pk, listing=review.listing, author_id=review.author_id)


@transaction.atomic
def hide(review_id: UUID, reason: str) -> None:
    """It counts nowhere from here on; its author still sees it, with the reason."""
    review = _get(review_id)
    lock_listing(review.listing_id)
    Review.objects.filter(pk=review.pk, hidden_at=None).update(hidden_at=timezone.now(), hidden_reason=reason)
    rating.renew(review.listing_id)


@transaction.atomic
def show(review_id: UUID) -> None:
    review = _get(review_id)
    lock_listing(review.listing_id)
    Review.objects.filter(pk=review.pk).update(hidden_at=None, hidden_reason="")
    rating.renew(review.listing_id)


def _get(review_id: UUID) -> Review:
    found = Review.objects.filter(pk=review_id).select_related("listing__publisher").first()
    if found is None:
        raise NotFound("There is no such review any more.")
    return found
