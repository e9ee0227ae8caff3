"""What disturbed a run, for the list of errors: failed attempts behind an answer, failed tools, lost workers, bad ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.execution.failing import of_model
from agents.llm.types import Attempt, Reply
from agents.runtimes.outcome import CallId, CrewFailed, RuntimeEvent
from projects.faults.models import Category, How
from projects.faults.noting import Noted, note
from projects.ledger import Ledger, RunStopped
from projects.models import Run

FINE = frozenset({"ok", "cancelled"})
LOST = "Its worker died or lost touch; another one went on after the last finished step."


@dataclass(frozen=True, slots=True)
class Failing:
    """A task that failed, who had it, and why."""

    task: str
    agent: str
    error: str


def attempts_behind(ledger: Ledger, call: CallId, reply: Reply) -> list[Noted]:
    """Each failed attempt at a provider that was made up for by a later one."""
    return [
        Noted(
            category=of_model(failed.outcome),
            code=failed.outcome,
            detail=f"{_why(failed)} {_instead(failed, reply)}",
            run=ledger.run_id,
            agent=call.agent,
            task=call.task,
            how=How.RETRY if _is_same(failed, reply) else How.FAILOVER,
        )
        for failed in reply.trail
        if failed.outcome not in FINE
    ]


def _is_same(failed: Attempt, reply: Reply) -> bool:
    return (failed.provider, failed.model) == (reply.provider, reply.model)


def _instead(failed: Attempt, reply: Reply) -> str:
    return "A further try did." if _is_same(failed, reply) else f"{reply.model} ({reply.provider}) answered instead."


def _why(failed: Attempt) -> str:
    """The sentence of the error, which says who was asked where: of one vendor a workspace may have several providers."""
    said = failed.detail or f"{failed.model} ({failed.provider}) gave no answer"
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


def tool_failed(ledger: Ledger, event: RuntimeEvent) -> None:
    """The agent is told why, and goes on."""
    detail = f"{event.data['tool']}: {event.data['error']}"[:2_000]
    ledger.beside(Noted(Category.TOOL, "tool_failed", detail, ledger.run_id, event.agent, event.task, how=How.REPAIR))


def worker_lost(ledger: Ledger) -> None:
    ledger.beside(Noted(Category.INTERNAL, "worker_lost", LOST, ledger.run_id, how=How.RESUME))


def ended(ledger: Ledger, failure: Exception, failing: Sequence[Failing] = ()) -> None:
    """The run's own end, unless a person wanted it. `failing` are its tasks that failed, in that order."""
    if not isinstance(failure, RunStopped) or failure.status != Run.Status.CANCELLED:
        at = _where(failure, failing)
        ledger.beside(note(failure, run=ledger.run_id, agent=at.agent, task=at.task))


def _where(failure: Exception, failing: Sequence[Failing]) -> Failing:
    """The task whose failure it is: others that end with it fail after it, one that the crew could do without before it."""
    named = failure.task if isinstance(failure, CrewFailed) else ""
    fits = (each for each in failing if named == each.task or (not named and each.error == str(failure)))
    return next(fits, failing[-1] if failing and not named else Failing(named, "", ""))
