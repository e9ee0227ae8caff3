"""What disturbed a run, for the list of errors: failed attempts behind an answer, failed tools, lost workers, bad ends."""

from __future__ import annotations

from agents.execution.failing import of_model
from agents.llm.types import Attempt, Reply
from agents.runtimes.outcome import CallId, CrewFailed, RuntimeEvent
from projects.faults.models import Category, How
from projects.faults.noting import Noted, note
from projects.ledger import Ledger, RunStopped
from projects.models import Run

FINE = frozenset({"ok", "cancelled"})
LOST = "Its worker died or lost touch; another one went on after the last finished step."


def attempts_behind(ledger: Ledger, call: CallId, reply: Reply) -> list[Noted]:
    """Each failed attempt at a provider that was made up for by a later one."""
    return [
        Noted(
            category=of_model(failed.outcome),
            code=failed.outcome,
            detail=f"{failed.provider} did not give an answer ({failed.outcome}); {_instead(failed, reply)}.",
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
    return "a further try did" if _is_same(failed, reply) else f"{reply.provider} did instead"


def tool_failed(ledger: Ledger, event: RuntimeEvent) -> None:
    """The agent is told why, and goes on."""
    detail = f"{event.data['tool']}: {event.data['error']}"[:2_000]
    ledger.beside(Noted(Category.TOOL, "tool_failed", detail, ledger.run_id, event.agent, event.task, how=How.REPAIR))


def worker_lost(ledger: Ledger) -> None:
    ledger.beside(Noted(Category.INTERNAL, "worker_lost", LOST, ledger.run_id, how=How.RESUME))


def ended(ledger: Ledger, failure: Exception) -> None:
    """The run's own end, unless a person wanted it."""
    if not isinstance(failure, RunStopped) or failure.status != Run.Status.CANCELLED:
        task = failure.task if isinstance(failure, CrewFailed) else ""
        ledger.beside(note(failure, run=ledger.run_id, task=task))
