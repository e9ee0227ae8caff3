"""Too many reviews at once, or too many from one place: nobody is refused, but a person looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from marketplace.models import Listing
from marketplace.moderation.models import ReviewTask
from marketplace.moderation.services.tasks import open_task
from marketplace.reviews.models import Review

MANY_A_DAY = 10
MANY_OF_A_WORKSPACE = 3
USUAL_DAYS = 30
TIMES_THE_USUAL = 5
POINTS = 40


def look(listing: Listing) -> None:
    """Open a task for a person when the last day was unlike the month before it, or one workspace speaks with many voices."""
    known = _known(listing)
    reasons = [reason for reason in _reasons(listing) if reason not in known]
    if reasons:
        open_task(
            kind=ReviewTask.Kind.RETRO,
            about=listing,
            reasons=reasons,
            weight_info=dict.fromkeys(reasons, POINTS),
            due=timedelta(days=2),
        )


def _known(listing: Listing) -> list[str]:
    """What the open task about this listing says already."""
    tasks = ReviewTask.objects.filter(kind=ReviewTask.Kind.RETRO, listing=listing, state=ReviewTask.State.OPEN)
    return tasks.values_list("reasons", flat=True).first() or []


def _reasons(listing: Listing) -> Iterator[str]:
    now = timezone.now()
    reviews = Review.objects.filter(listing=listing)
    today = reviews.filter(created_at__gt=now - timedelta(days=1))
    count = today.count()
    before = reviews.filter(created_at__gt=now - timedelta(days=1 + USUAL_DAYS)).count() - count
    if count >= max(MANY_A_DAY, TIMES_THE_USUAL * before // USUAL_DAYS):
        yield "review_velocity"
    of_one = today.order_by().values_list("tenant_id").annotate(count=Count("pk"))
    if of_one.filter(count__gte=MANY_OF_A_WORKSPACE).exists():
        yield "reviews_of_one_workspace"
