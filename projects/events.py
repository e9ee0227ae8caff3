"""Lines of a run's story: numbered and stored first, then shown live.

An event is published after its commit, so nobody ever sees a line that the database could still lose. The worker
writes them in batches of at most 50 ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from projects.models import RunEvent
from projects.realtime import publish_all
from projects.work.leases import LeaseLost


class Line(NamedTuple):
    """An event before it has a number."""

    type: str
    data: dict[str, Any]
    at: datetime


def line(kind: str, **data: Any) -> Line:
    return Line(kind, data, timezone.now())


_NUMBERS = "UPDATE projects_run SET last_seq = last_seq + %s WHERE id = %s AND (%s::int IS NULL OR fence = %s) RETURNING last_seq"


def append(run_id: UUID, lines: Sequence[Line], *, fence: int | None = None) -> None:
    """Store lines with the next numbers and publish them after the commit. With a `fence` that is not the run's: LeaseLost."""
    if not lines:
        return
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            cursor.execute(_NUMBERS, [len(lines), run_id, fence, fence])
            row = cursor.fetchone()
        if row is None:
            raise LeaseLost(f"Run {run_id} belongs to another worker now.")
        first = row[0] - len(lines) + 1
        events = [
            RunEvent(run_id=run_id, seq=first + n, type=each.type, data=each.data, created_at=each.at)
            for n, each in enumerate(lines)
        ]
        RunEvent.objects.bulk_create(events)
        transaction.on_commit(partial(publish_events, events))


def publish_events(events: Sequence[RunEvent]) -> None:
    """Show lines that are stored, those of one run in their order."""
    publish_all([(topic, message) for event in events for topic, message in _messages(event)])


def _messages(event: RunEvent) -> Iterator[tuple[str, dict[str, Any]]]:
    message = message_of(event)
    yield message["topic"], message
    for topic in _further_topics(event):
        yield topic, {**message, "topic": topic, "seq": None}


def message_of(event: RunEvent) -> dict[str, Any]:
    """An event as it goes over the WebSocket and out of the API."""
    return {
        "type": event.type,
        "topic": f"run:{event.run_id}",
        "seq": event.seq,
        "timestamp": event.created_at.isoformat(),
        "data": event.data,
    }


def _further_topics(event: RunEvent) -> list[str]:
    """Who else listens: to one agent, one task, one plan, all retrievals."""
    if event.type == "rag.operation":
        return ["rag:operations"]
    if event.type == "plan.update":
        return [f"plan:{event.run_id}"]
    named = {"agent.status": ("agent", "agent_id"), "agent.task": ("task", "task_id")}.get(event.type)
    if named and event.data.get(named[1]):
        return [f"{named[0]}:{event.data[named[1]]}"]
    return []
