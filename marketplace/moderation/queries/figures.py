"""How moderation is going: what waits, how quickly it is decided, and how often it was wrong. Shares are None where nothing was counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, F, Min, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from marketplace.checks.models import Finding
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
class Waiting:
    """What is open now. `oldest` is how long the first of them has waited."""

    depth: int
    overdue: int
    claimed: int
    second_person: int
    oldest: timedelta | None
    by_kind: dict[str, int]


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


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """What people made of one rule's findings."""

    code: str
    found: int
    right: int
    false_alarms: int

    @property
    def false_rate(self) -> float | None:
        judged = self.right + self.false_alarms
        return self.false_alarms / judged if judged else None


def waiting(*, now: datetime | None = None) -> Waiting:
    now = now or timezone.now()
    tasks = ReviewTask.objects.filter(state=ReviewTask.State.OPEN)
    counted = tasks.aggregate(
        depth=Count("pk"),
        overdue=Count("pk", filter=Q(due_at__lt=now)),
        claimed=Count("pk", filter=Q(lease_until__gt=now)),
        first=Min("created_at"),
    )
    kinds = tasks.order_by().values_list("kind").annotate(count=Count("pk"))
    second = Decision.objects.filter(held=True, confirmed_by_id=None, executed_at=None, undone_at=None)
    return Waiting(
        depth=counted["depth"],
        overdue=counted["overdue"],
        claimed=counted["claimed"],
        second_person=second.count(),
        oldest=now - counted["first"] if counted["first"] else None,
        by_kind=dict(kinds),
    )


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
    tasks = ReviewTask.objects.annotate(first=Min("decisions__created_at")).filter(first__gte=since)
    took = tasks.annotate(took=F("first") - F("created_at"))
    return took.aggregate(p50=Percentile("took", share=0.5), p90=Percentile("took", share=0.9))


def decisions_per_day(span: timedelta = MONTH) -> dict[date, int]:
    """Days without any are left out."""
    decisions: QuerySet[Decision] = Decision.objects.filter(created_at__gte=timezone.now() - span)
    rows = decisions.order_by().annotate(day=TruncDate("created_at")).values_list("day").annotate(count=Count("pk"))
    return dict(rows)


def rules() -> list[RuleRecord]:
    """Every rule that found something, the most often wrong first."""
    said = Finding.Verdict
    rows = (
        Finding.objects.order_by()
        .values("code")
        .annotate(
            found=Count("pk"),
            right=Count("pk", filter=Q(verdict=said.TRUE)),
            false_alarms=Count("pk", filter=Q(verdict=said.FALSE)),
        )
    )
    return sorted((RuleRecord(**row) for row in rows), key=lambda rule: (-(rule.false_rate or 0), rule.code))
