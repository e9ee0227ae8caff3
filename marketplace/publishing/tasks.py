"""Looking after what nobody waits for at a screen: versions whose work was lost, our own evaluations, old trials."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone

from marketplace.models import ListingVersion
from marketplace.publishing.background import WORK, enqueue_submission
from marketplace.sandbox.models import EvaluationRun
from marketplace.sandbox.trying import forget_old
from projects.work.models import WorkItem
from tenants.tasks import PublicTask

States = ListingVersion.ReviewState
AT_ONCE = 20
LOW = 2
QUIET = timedelta(minutes=5)  # a new installation has better things to do at first


@shared_task(base=PublicTask, name="publishing.look_after")
def look_after() -> None:
    """Have lost work done, and evaluate what was published without: the house's own listings, above all."""
    for version_id in _unattended()[:AT_ONCE]:
        enqueue_submission(version_id, priority=LOW)
    forget_old()


def _unattended() -> list[UUID]:
    at_work = WorkItem.objects.filter(kind=WORK, object_id=OuterRef("pk"), state__in=["queued", "running"])
    evaluated = EvaluationRun.objects.filter(
        version=OuterRef("pk"), digest=OuterRef("digest"), state__in=["done", "skipped"]
    )
    idle = ListingVersion.objects.exclude(Exists(at_work)).order_by("submitted_at")
    lost = idle.filter(review_state__in=[States.SUBMITTED, States.CHECKING])
    settled = timezone.now() - QUIET
    unproved = idle.filter(review_state=States.PUBLISHED, availability="available", published_at__lt=settled)
    return [*lost.values_list("pk", flat=True), *unproved.exclude(Exists(evaluated)).values_list("pk", flat=True)]
