"""A run's story in the worker's memory: what it says now is pending until the writer has stored it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils import timezone

from projects.events import Line, line
from projects.ledger.entries import Alongside, Answered, Batch, Message, Spent, Step, Tool, Use, Waiter, Work
from projects.ledger.recorded import Recorded
from projects.models import AgentRun, Effect, Run
from tenants.ids import uuid7

LONGEST_OUTPUT = 2_000_000
BROKEN_OFF = "The run stopped while this was under way; nobody knows whether it happened."


class Story:
    """Every method only remembers; nothing here waits or reads. Safe to use from several threads."""

    def __init__(self, run: Run, recorded: Recorded) -> None:
        self.run = run
        self.recorded = recorded
        self._pending = Batch()
        self._guard = threading.Lock()
        self._works: dict[str, Work] = {}
        self._attempts = dict(recorded.attempts)
        self._tools: dict[str, Tool] = {}
        self._spent = Spent(run.prompt_tokens, run.completion_tokens, run.cost)

    def take(self) -> Batch:
        """What is pending, to be stored by the caller."""
        with self._guard:
            taken, self._pending = self._pending, Batch()
        return taken

    def wait(self, waiter: Waiter) -> None:
        """Have `waiter` told when what is pending now is stored, or why it is not."""
        with self._guard:
            self._pending.waiters.append(waiter)

    def put_back(self, batch: Batch) -> None:
        """A batch that could not be stored comes before what followed it."""
        with self._guard:
            self._pending = batch.before(self._pending)

    def spent(self) -> Spent:
        """What the run has used, by all its workers."""
        return self._spent

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        with self._guard:
            if not _joined(self._pending.lines, kind, data):
                self._pending.lines.append(line(kind, **data))

    def serve(self, provider: str, model: str) -> None:
        self.run.provider, self.run.model = provider, model
        with self._guard:
            self._pending.run |= {"provider": provider, "model": model}

    def start_agent(self, task: str, agent: str, position: int) -> UUID:
        with self._guard:
            attempt = self._attempts[task] = self._attempts.get(task, 0) + 1
            work = Work(uuid7(), task, agent, position, attempt, timezone.now())
            self._works[task] = self._pending.works[task] = work
        return work.id

    def spend(self, task: str, spent: Spent) -> None:
        """Add what one call used to the run and to the agent's work on `task`."""
        with self._guard:
            self._spend(task, spent)

    def keep_answer(self, answered: Answered, lines: Sequence[Line], alongside: Sequence[Alongside]) -> None:
        with self._guard:
            self._pending.calls[answered.key] = answered
            self._pending.lines += lines
            self._pending.alongside += alongside
            self._spend(answered.task, answered.spent)

    def beside(self, entry: Alongside) -> None:
        with self._guard:
            self._pending.alongside.append(entry)

    def _spend(self, task: str, spent: Spent) -> None:
        self._spent += spent
        sums = self._spent
        self._pending.run |= {
            "prompt_tokens": sums.prompt_tokens,
            "completion_tokens": sums.completion_tokens,
            "cost": sums.cost,
        }
        if work := self._works.get(task):
            work.spent += spent
            self._pending.works[task] = work

    def keep_step(self, step: Step, lines: Sequence[Line]) -> None:
        with self._guard:
            self._pending.steps.append(step)
            self._pending.lines += lines
            told = Message(step.agent, {"task": step.task}, topic="task.output", kind="topic")
            self._pending.messages.append((timezone.now(), told))
            if work := self._works.pop(step.task, None):
                work.status, work.note, work.finished_at = AgentRun.Status.SUCCEEDED, step.note, timezone.now()
                self._pending.works[step.task] = work

    def keep_use(self, use: Use, *, stored: bool) -> None:
        """A use that has begun; `stored` before it goes on, or else with its answer."""
        known = self.recorded.effects.get(use.key)
        with self._guard:
            tool = Tool(known.pk if known else uuid7(), use, Effect.State.INTENDED)
            self._tools[use.key] = tool
            if stored:
                self._pending.tools[use.key] = tool

    def keep_outcome(self, key: str, state: Effect.State, answer: str) -> None:
        with self._guard:
            begun = self._tools.pop(key)
            done = replace(begun, state=state, answer=answer[:LONGEST_OUTPUT], done_at=timezone.now())
            self._pending.tools[key] = done

    def message(self, message: Message) -> None:
        """Keep a message between agents; it is stored with whatever is stored next."""
        with self._guard:
            self._pending.messages.append((timezone.now(), message))

    def end(self, status: Run.Status, reason: str, detail: str, **more: Any) -> None:
        """The last entry: the run's end, with what its agents left unfinished."""
        now = timezone.now()
        left = AgentRun.Status.SUCCEEDED if status == Run.Status.SUCCEEDED else AgentRun.Status.FAILED
        ended = {"status": status, "stop_reason": reason, "stop_detail": detail, "finished_at": now, **more}
        with self._guard:
            for task, work in self._works.items():
                work.status, work.finished_at = left, now
                self._pending.works[task] = work
            for key, tool in self._tools.items():
                self._pending.tools[key] = replace(
                    tool, state=Effect.State.NEEDS_REVIEW, answer=BROKEN_OFF, done_at=now
                )
            self._works, self._tools = {}, {}
            self._pending.run |= ended
            self._pending.lines.append(line("run.status", status=status, reason=reason, detail=detail))

    def pause(self, status: Run.Status) -> None:
        """Let go of the run in another state than an end."""
        with self._guard:
            self._pending.run["status"] = status
            self._pending.lines.append(line("run.status", status=status))


def _joined(pending: list[Line], kind: str, data: dict[str, Any]) -> bool:
    """Streamed text that follows streamed text of the same task is one line, not a hundred."""
    if kind != "run.output" or not pending or pending[-1].type != kind:
        return False
    last = pending[-1].data
    if last.get("task") != data.get("task") or last.get("agent") != data.get("agent"):
        return False
    if last.get("restart") or data.get("restart"):
        return False
    pending[-1] = pending[-1]._replace(data={**last, "text": last["text"] + data["text"]})
    return True
