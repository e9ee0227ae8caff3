"""What a decision means for the reports that led to it: they are settled when it is carried out, not before."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from marketplace.moderation import activity
from marketplace.moderation.actors import Actor
from marketplace.moderation.models import Decision, Report, ReviewTask
from marketplace.moderation.services import telling
from marketplace.moderation.targets import Target


def note(task: ReviewTask, words: str) -> None:
    """Keep what the reporters are to read until the decision is carried out."""
    Report.objects.filter(task=task, state=Report.State.OPEN).update(outcome_note=words.strip())


def settle(decision: Decision, target: Target, by: Actor) -> None:
    """Close the reports of the decision's task and tell everybody who sent one."""
    state = Report.State.DISMISSED if decision.action == Decision.Action.DISMISS else Report.State.CONFIRMED
    for row in _of(decision).filter(state=Report.State.OPEN):
        row.state, row.decided_at = state, timezone.now()
        row.save(update_fields=["state", "decided_at", "updated_at"])
        activity.record(f"report.{state.value}", target, by=by, decision_id=decision.pk, report=str(row.pk))
        telling.report_decided(row, target.name, telling.page_of(target))


def unsettle(decision: Decision) -> None:
    """Open them again where the decision was taken back; not those whose sender has reported anew since."""
    for row in _of(decision).filter(decided_at__gte=decision.executed_at):
        anew = Report.objects.filter(
            reporter_id=row.reporter_id, listing=row.listing_id, publisher=row.publisher_id, review_id=row.review_id,
            state=Report.State.OPEN,
        )  # fmt: skip
        if not anew.exists():
            row.state, row.decided_at = Report.State.OPEN, None
            row.save(update_fields=["state", "decided_at", "updated_at"])


def _of(decision: Decision) -> QuerySet[Report]:
    rows = Report.objects.select_for_update(of=("self",)).filter(
        task=decision.task_id, task__kind=ReviewTask.Kind.REPORT
    )
    return rows.order_by("pk")
