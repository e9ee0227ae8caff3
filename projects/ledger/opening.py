"""The beginning of a run, or of another worker's turn at it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from projects import events, metrics
from projects.events import line
from projects.ledger.closing import close_run
from projects.ledger.first_opening import begun_first
from projects.ledger.marks import marks_of
from projects.ledger.recorded import Recorded, recorded_of
from projects.models import AgentRun, Effect, Run
from projects.webhooks.announcing import announce_run
from projects.work.leases import Lease
from tenants.provenance import revoked

LEFT = "Begun by a worker that died; nobody knows whether it happened."


def opened(lease: Lease) -> tuple[Run, Recorded] | None:
    """The run with all its records, running under this lease; None when there is nothing to do.

    `run.moment` is when that was, by the database's clock. What a dead worker left half-done is marked so: its agents are interrupted, and an effect that was begun needs a person's review.
    """
    if (first := begun_first(lease)) is not None:
        return first, Recorded()
    with transaction.atomic():
        run = Run.objects.select_for_update().annotate(moment=Now()).get(pk=lease.object_id)
        if run.has_ended or run.status == Run.Status.WAITING or _is_revoked(run):
            return None
        resumed = run.started_at is not None
        _start(run, lease)
        lines = [line("run.status", status="running", resumed=resumed)]
        if not resumed and run.started_at:
            metrics.QUEUE_WAIT.observe((run.started_at - run.created_at).total_seconds())
        if not resumed:
            announce_run(run, "run.started")
        if resumed:
            _mark_interrupted(run)
            lines += [
                line("effect.needs_review", task=effect.task, agent=effect.agent, tool=effect.tool, detail=LEFT)
                for effect in _mark_unknown(run)
            ]
        events.append(run.pk, lines, fence=lease.fence)
        return run, recorded_of(run)


def _is_revoked(run: Run) -> bool:
    """A run of something that was blocked since it was queued ends here, before its first step."""
    found = revoked.hard(marks_of(run))
    if found is not None:
        close_run(run, Run.Status.CANCELLED, "revoked", found.sentence)
    return found is not None


def _start(run: Run, lease: Lease) -> None:
    """By the database's clock: workers on other machines may have another idea of the time."""
    run.status, run.fence = Run.Status.RUNNING, lease.fence
    run.started_at = run.started_at or run.moment  # type: ignore[attr-defined]  # annotated
    run.deadline_at = run.deadline_at or run.started_at + timedelta(seconds=run.seconds_allowed)
    run.save(update_fields=["status", "fence", "started_at", "deadline_at", "updated_at"])


def _mark_interrupted(run: Run) -> None:
    AgentRun.objects.filter(run=run, status=AgentRun.Status.RUNNING).update(
        status=AgentRun.Status.INTERRUPTED, finished_at=Greatest(F("started_at"), Now())
    )


def _mark_unknown(run: Run) -> list[Effect]:
    left = list(Effect.objects.filter(run=run, state=Effect.State.INTENDED))
    Effect.objects.filter(pk__in=[effect.pk for effect in left]).update(
        state=Effect.State.NEEDS_REVIEW, answer=LEFT, updated_at=timezone.now()
    )
    return left
