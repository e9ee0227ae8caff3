"""Reading tests of a crew and what came out of them."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from agents.models import Crew
from projects.models import KeptRun, Trial


def kept_of(crew: Crew) -> QuerySet[KeptRun]:
    """The tests of a crew, each with `last_status` and `last_at` of its newest trial."""
    newest = Trial.objects.filter(kept=OuterRef("pk")).order_by("-created_at", "-id")
    return (
        KeptRun.objects.select_related("run")
        .filter(subject_id=crew.pk)
        .annotate(last_status=Subquery(newest.values("status")[:1]), last_at=Subquery(newest.values("created_at")[:1]))
    )


def newest_trials_of(crew: Crew) -> QuerySet[Trial]:
    """The newest trial of each of a crew's tests."""
    found = Trial.objects.filter(kept__subject_id=crew.pk).defer("snapshot")
    return found.order_by("kept_id", "-created_at", "-id").distinct("kept_id")


def trials_of(crew: Crew, *, batch: str | None = None) -> QuerySet[Trial]:
    """Trials of a crew, newest first; the crew as it was tried stays behind."""
    found = Trial.objects.select_related("kept__run", "run").filter(kept__subject_id=crew.pk).defer("snapshot")
    return found if batch is None else found.filter(batch_id=batch)
