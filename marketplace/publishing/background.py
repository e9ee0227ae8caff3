"""Handing a version to the workers. The work belongs to the sandbox's workspace, in which the cases are carried out."""

from __future__ import annotations

from uuid import UUID

from marketplace.sandbox.workplace import ensure_sandbox
from projects.work.queue import enqueue
from tenants.context import enter

WORK, QUEUE = "submission", "default"


def enqueue_submission(version_id: UUID, *, after: float = 0.0, priority: int | None = None) -> None:
    """Have a version checked, evaluated and sent on its way. Asked for twice, it is done once."""
    with enter(ensure_sandbox().schema_name):
        enqueue(kind=WORK, object_id=version_id, queue=QUEUE, after=after, priority=priority)
