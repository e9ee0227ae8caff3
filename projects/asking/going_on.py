"""What an answer does to its run: it is queued again, and the time that it waited is not its own."""

from __future__ import annotations

from projects import events
from projects.asking.worker import RUNS
from projects.events import line
from projects.models import Run
from projects.work import queue
from tenants.clock import database_now


def go_on(run: Run) -> None:
    """Queue a run whose row the caller has locked. One that has not let go of its worker yet is asked for once more."""
    if run.status == Run.Status.WAITING:
        run.move_to(Run.Status.QUEUED)
        if run.waiting_since is not None and run.deadline_at is not None:
            run.deadline_at += database_now() - run.waiting_since
        run.waiting_since = None
        run.save(update_fields=["status", "waiting_since", "deadline_at", "updated_at"])
        events.append(run.pk, [line("run.status", status="queued")])
    queue.enqueue(kind=run.kind, object_id=run.pk, queue=RUNS)
