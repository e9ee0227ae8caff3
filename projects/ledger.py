"""A worker's side of a run: it begins, tells its story, checkpoints each task, and ends in a state that says why.

Every write carries the lease's fencing number. A worker that lost its lease writes nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from projects import events
from projects.events import Line, line
from projects.models import AgentMessage, AgentRun, Run, RunEvent, StepOutput
from projects.work.leases import Lease, LeaseLost
from projects.writing import writer
from tenants.context import current_schema

LOOK_SECONDS = 0.5
LONGEST_OUTPUT = 2_000_000


class RunStopped(Exception):
    """The run must stop now; `status` says as what."""

    def __init__(self, status: Run.Status, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.reason, self.detail = status, reason, detail


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens and dollars of one model call."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = Decimal(0)

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A finished task, as it is checkpointed."""

    task: str
    position: int
    agent: str
    output: str
    output_json: Any = None
    note: str = ""


class Ledger:
    """The story of one run while this worker owns it. Safe to use from several threads."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.schema = current_schema()
        self.run = Run.objects.select_related("project").get(pk=lease.object_id)
        self._pending: list[Line] = []
        self._guard = threading.Lock()
        self._flushing = threading.Lock()
        self._looked = 0.0

    # Beginning and ending

    def begin(self) -> bool:
        """Take the run over; False when it has ended already. What a dead worker left half-done is marked so."""
        with transaction.atomic():
            run = Run.objects.select_for_update().get(pk=self.run.pk)
            if run.has_ended:
                return False
            resumed = run.started_at is not None
            run.status, run.fence = Run.Status.RUNNING, self.lease.fence
            run.started_at = run.started_at or timezone.now()
            run.deadline_at = run.deadline_at or run.started_at + timedelta(seconds=run.seconds_allowed)
            run.save(update_fields=["status", "fence", "started_at", "deadline_at", "updated_at"])
            AgentRun.objects.filter(run=run, status=AgentRun.Status.RUNNING).update(
                status=AgentRun.Status.INTERRUPTED, finished_at=timezone.now()
            )
            self.run = run
            events.append(run.pk, [line("run.status", status="running", resumed=resumed)], fence=self.lease.fence)
        return True

    def served_by(self, provider: str, model: str) -> None:
        """Note which provider and model answer; the page shows it from then on."""
        self._owned().update(provider=provider, model=model)
        self.run.provider, self.run.model = provider, model

    def succeed(self, output: str, output_json: Any = None, *, reason: str = "finished", detail: str = "") -> None:
        self._finish(Run.Status.SUCCEEDED, reason, detail, output=output[:LONGEST_OUTPUT], output_json=output_json)

    def stop(self, status: Run.Status, reason: str, detail: str) -> None:
        """End as anything but succeeded, in words that a person understands."""
        self._finish(status, reason, detail)

    def _finish(self, status: Run.Status, reason: str, detail: str, **more: Any) -> None:
        self.flush()
        with transaction.atomic():
            run = Run.objects.select_for_update().get(pk=self.run.pk)
            if run.fence != self.lease.fence:
                raise LeaseLost(f"Run {run.pk} belongs to another worker now.")
            close_run(run, status, reason, detail, **more)
        self.run = run

    # The story

    def emit(self, kind: str, **data: Any) -> None:
        """Add a line; it is stored and shown within 50 ms, in the order of the calls."""
        with self._guard:
            if not _joined(self._pending, kind, data):
                self._pending.append(line(kind, **data))
        writer.wake(self)

    def flush(self) -> None:
        """Store and publish what is pending."""
        with self._flushing:
            with self._guard:
                lines, self._pending = self._pending, []
            try:
                events.append(self.run.pk, lines, fence=self.lease.fence)
            except LeaseLost:
                self.lease.lost.set()
                raise
            except DatabaseError:
                with self._guard:
                    self._pending = lines + self._pending
                raise

    # Steps

    def done_steps(self) -> dict[str, StepOutput]:
        """The tasks that are finished, by name."""
        return {step.task: step for step in StepOutput.objects.filter(run=self.run)}

    def spent(self) -> Spent:
        """What the run had used when this worker took it over."""
        return Spent(self.run.prompt_tokens, self.run.completion_tokens, self.run.cost)

    def events_of(self, kind: str) -> int:
        """How many lines of a kind the story has."""
        return RunEvent.objects.filter(run=self.run, type=kind).count()

    def start_agent(self, task: str, agent: str, position: int) -> AgentRun:
        with transaction.atomic():
            self._hold()
            attempt = AgentRun.objects.filter(run=self.run, task=task).count() + 1
            return AgentRun.objects.create(
                run=self.run, task=task, agent=agent, position=position, attempt=attempt, started_at=timezone.now()
            )

    def finish_step(self, step: Step, lines: Sequence[Line] = ()) -> None:
        """Checkpoint a task, with its lines, in one transaction: a crash either side of it repeats nothing."""
        self.flush()
        with transaction.atomic():
            self._hold()
            StepOutput.objects.create(
                run=self.run,
                task=step.task,
                position=step.position,
                agent=step.agent,
                output=step.output[:LONGEST_OUTPUT],
                output_json=step.output_json,
            )
            self._close_agent_run(step)
            AgentMessage.objects.create(
                run=self.run, sender=step.agent, topic="task.output", content={"task": step.task}
            )
            events.append(self.run.pk, lines, fence=self.lease.fence)

    def _close_agent_run(self, step: Step) -> None:
        AgentRun.objects.filter(run=self.run, task=step.task, status=AgentRun.Status.RUNNING).update(
            status=AgentRun.Status.SUCCEEDED, finished_at=timezone.now(), note=step.note
        )

    def spend(self, task: str, spent: Spent) -> None:
        """Add what one model call used to the run and to the agent's work on `task`."""
        sums = {
            "prompt_tokens": F("prompt_tokens") + spent.prompt_tokens,
            "completion_tokens": F("completion_tokens") + spent.completion_tokens,
            "cost": F("cost") + spent.cost,
        }
        with transaction.atomic():
            self._owned().update(**sums)
            AgentRun.objects.filter(run=self.run, task=task, status=AgentRun.Status.RUNNING).update(**sums)

    # Limits

    def check(self) -> None:
        """Call at every step, model call and tool call. Raises LeaseLost, or RunStopped on cancel and deadline."""
        self.lease.check()
        if self.run.deadline_at and timezone.now() >= self.run.deadline_at:
            raise RunStopped(
                Run.Status.TIMED_OUT,
                "deadline",
                f"It took longer than the {self.run.seconds_allowed} s that it was given.",
            )
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        fence, cancelled = Run.objects.values_list("fence", "cancel_requested_at").get(pk=self.run.pk)
        if fence != self.lease.fence:
            self.lease.lost.set()
            self.lease.check()
        if cancelled is not None:
            raise RunStopped(Run.Status.CANCELLED, "cancelled", "Cancelled by a person.")

    def _owned(self) -> Any:
        return Run.objects.filter(pk=self.run.pk, fence=self.lease.fence)

    def _hold(self) -> None:
        """Lock the run's row for this transaction, or find that it is somebody else's."""
        if not self._owned().select_for_update().values_list("pk").first():
            self.lease.lost.set()
            raise LeaseLost(f"Run {self.run.pk} belongs to another worker now.")


def close_run(run: Run, status: Run.Status, reason: str, detail: str, **more: Any) -> None:
    """End a run whose row the caller has locked, and tell whoever watches."""
    run.move_to(status)
    run.stop_reason, run.stop_detail, run.finished_at = reason, detail, timezone.now()
    for name, value in more.items():
        setattr(run, name, value)
    run.save(update_fields=["status", "stop_reason", "stop_detail", "finished_at", "updated_at", *more])
    left = AgentRun.Status.SUCCEEDED if status == Run.Status.SUCCEEDED else AgentRun.Status.FAILED
    AgentRun.objects.filter(run=run, status=AgentRun.Status.RUNNING).update(status=left, finished_at=timezone.now())
    events.append(run.pk, [line("run.status", status=status, reason=reason, detail=detail)])


def _joined(pending: list[Line], kind: str, data: dict[str, Any]) -> bool:
    """Streamed text that follows streamed text of the same task is one line, not a hundred."""
    if kind != "run.output" or not pending or pending[-1].type != kind:
        return False
    last = pending[-1].data
    if last.get("task") != data.get("task") or last.get("agent") != data.get("agent"):
        return False
    pending[-1] = pending[-1]._replace(data={**last, "text": last["text"] + data["text"]})
    return True
