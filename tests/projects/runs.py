"""Runs for tests of the ledger: real rows, made as a person would make them."""

from __future__ import annotations

from projects import services
from projects.ledger import Ledger, Step
from projects.models import Run
from projects.services import Order
from projects.work import leases
from tenants.access import Member
from tenants.ids import uuid7

SNAPSHOT = {"name": "Two steps", "tasks": ["find", "write"]}


def a_run(by: Member, *, seconds: int | None = None) -> Run:
    order = Order(Run.Kind.CREW, uuid7(), "Two steps", SNAPSHOT, {"question": "How many?"}, seconds)
    return services.start_run(order=order, project=None, by=by)


def a_ledger() -> Ledger:
    """The ledger of a worker that has just taken the next run."""
    lease = leases.claim(["crews"])
    assert lease is not None
    ledger = Ledger.begin(lease)
    assert ledger is not None
    return ledger


def start_agent(ledger: Ledger, task: str, agent: str) -> None:
    """As `ledger.start_agent`, without the thread that stores by itself: it would not see what the test has not committed."""
    ledger._story.start_agent(task, agent, 0)


def emit(ledger: Ledger, kind: str, **data: object) -> None:
    """As `ledger.emit`, without that thread."""
    ledger._story.tell(kind, data)


def finish_step(ledger: Ledger, step: Step) -> None:
    """As `ledger.finish_step`, stored in the test's own transaction."""
    ledger._story.keep_step(step, ())
    ledger.flush()


def succeed(ledger: Ledger, output: str) -> None:
    """As `ledger.succeed`, stored in the test's own transaction."""
    ledger._story.end(Run.Status.SUCCEEDED, "finished", "", output=output)
    ledger.flush()


def stop(ledger: Ledger, status: Run.Status, reason: str, detail: str) -> None:
    """As `ledger.stop`, stored in the test's own transaction."""
    ledger._story.end(status, reason, detail)
    ledger.flush()
