"""Decisions: those that wait for a second person, those that wait for their moment, those just taken."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from marketplace.console.columns import LONG, TARGETS
from marketplace.moderation.models import Decision, ReviewTask
from marketplace.moderation.services.executing import UNDO

RECENT = 50
_PENDING = Q(executed_at=None, undone_at=None)


def waiting_for_second() -> QuerySet[Decision]:
    """Oldest first."""
    return _with_targets(Decision.objects.filter(_PENDING, held=True, confirmed_by_id=None).order_by("created_at"))


def delayed() -> QuerySet[Decision]:
    """Those that are carried out later, the next one first."""
    rows = Decision.objects.filter(_PENDING).exclude(held=True, confirmed_by_id=None)
    return _with_targets(rows.order_by("execute_at"))


def recent(*, before: UUID | None = None, mine: UUID | None = None) -> QuerySet[Decision]:
    """Newest first, a page; `before` is the last id of the page before."""
    rows = Decision.objects.all()
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if mine is not None:
        rows = rows.filter(decided_by_id=mine)
    return _with_targets(rows.order_by("-pk"))[: RECENT + 1]


def of_batch(ids: list[UUID]) -> QuerySet[Decision]:
    return _with_targets(Decision.objects.filter(pk__in=ids).order_by("pk"))


def pending_of(task: ReviewTask) -> Decision | None:
    """The decision about this item that is not carried out yet."""
    return Decision.objects.filter(_PENDING, task=task).first()


def minutes_to_undo(decision: Decision) -> int:
    """How long it can be taken back, in whole minutes, at least one; 0 when it no longer can. A pending one always can."""
    if decision.undone_at is not None:
        return 0
    if decision.executed_at is None:
        return int(UNDO.total_seconds() // 60)
    left = (decision.executed_at + UNDO - timezone.now()).total_seconds()
    return max(1, int(left // 60)) if left > 0 else 0


def _with_targets(rows: QuerySet[Decision]) -> QuerySet[Decision]:
    return rows.select_related(*TARGETS).defer(*LONG)
