"""How moderation is going: how quickly it is decided, and how often it was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, F, Min, Q
from django.utils import timezone

from marketplace.moderation.models import Appeal, Decision, ReviewTask

MONTH = timedelta(days=30)


class Percentile(Aggregate):
    """`percentile_cont`: the value below which that share of the rows lies, between two of them by interpolation."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()

    def __init__(self, expression: Any, *, share: float, **extra: Any) -> None:
        super().__init__(expression, share=share, **extra)


@dataclass(frozen=True, slots=True)
class Going:
    """Over a span of time. Times are from a task's opening to its first decision."""

    came: int
    decided: int
    adverse: int
    first_decision_p50: timedelta | None
    first_decision_p90: timedelta | None
    appealed: int
    overturned: int

    @property
    def appeal_rate(self) -> float | None:
        return self.appealed / self.adverse if self.adverse else None

    @property
    def reversal_rate(self) -> float | None:
        return self.overturned / self.appealed if self.appealed else None


def going(span: timedelta = MONTH) -> Going:
    since = timezone.now() - span
    decisions = Decision.objects.filter(created_at__gte=since).exclude(source=Decision.Source.AUTOMATION)
    counted = decisions.aggregate(all=Count("pk"), adverse=Count("pk", filter=Q(action__in=Decision.ADVERSE)))
    appeals = Appeal.objects.filter(created_at__gte=since)
    times = _first_decisions(since)
    return Going(
        came=ReviewTask.objects.filter(created_at__gte=since).count(),
        decided=counted["all"],
        adverse=counted["adverse"],
        first_decision_p50=times["p50"],
        first_decision_p90=times["p90"],
        appealed=appeals.count(),
        overturned=appeals.filter(state=Appeal.State.OVERTURNED).count(),
    )


def _first_decisions(since: datetime) -> dict[str, timedelta | None]:
    """Decisions that were taken back count as well: they were the answer that somebody waited for."""
    tasks = ReviewTask.objects.filter(decisions__created_at__gte=since).annotate(first=Min("decisions__created_at"))
    took = tasks.annotate(took=F("first") - F("created_at"))
    return took.aggregate(p50=Percentile("took", share=0.5), p90=Percentile("took", share=0.9))
