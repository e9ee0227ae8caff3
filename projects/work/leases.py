"""Leases on work: one owner at a time, by a heartbeat, with a number that fences off whoever lost it."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Literal

from django.conf import settings
from django.db import DatabaseError, connection

log = logging.getLogger("guildhall.work")
OWNER = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
Ending = Literal["done", "failed", "queued"]

# The queue is fair: the workspace with the fewest items running goes first, then the oldest item.
_CLAIM = """
UPDATE work_workitem SET state = 'running', owner = %s, fence = fence + 1, again = false, updated_at = now(),
       lease_until = now() + %s * interval '1 second'
WHERE id = (
    SELECT w.id FROM work_workitem w
    WHERE w.state = 'queued' AND w.queue = ANY(%s) AND w.queued_at <= now()
    ORDER BY (SELECT count(*) FROM work_workitem r WHERE r.state = 'running' AND r.schema = w.schema), w.queued_at
    FOR UPDATE SKIP LOCKED LIMIT 1)
RETURNING id, schema, kind, object_id, queue, fence, crashes"""

_RENEW = """
UPDATE work_workitem SET lease_until = now() + %s * interval '1 second'
WHERE id = ANY(%s) AND owner = %s AND state = 'running' RETURNING id, fence"""

_END = """
UPDATE work_workitem SET state = CASE WHEN again THEN 'queued' ELSE %s END, queued_at = now() + CASE WHEN again THEN 0 ELSE %s END * interval '1 second',
       hinted_at = NULL, again = false, owner = '', lease_until = NULL, error = %s, updated_at = now()
WHERE id = %s AND fence = %s AND state = 'running' RETURNING state"""


class LeaseLost(Exception):
    """Somebody else owns this work now, or it must be handed back: stop, and write nothing more."""


@dataclass
class Lease:
    """The right to work on one thing. Work that ends as queued rests `pause` seconds first."""

    id: uuid.UUID
    schema: str
    kind: str
    object_id: uuid.UUID
    queue: str
    fence: int
    crashes: int
    pause: float = 0.0
    lost: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Raise LeaseLost when the work is no longer ours, or this worker is shutting down."""
        if self.lost.is_set():
            raise LeaseLost(f"The lease on {self.kind} {self.object_id} is gone.")
        if draining.is_set():
            raise LeaseLost(f"This worker is shutting down; {self.kind} {self.object_id} goes back to the queue.")


draining = threading.Event()
_held: dict[uuid.UUID, Lease] = {}
_guard = threading.Lock()
_heart: threading.Thread | None = None


def claim(queues: list[str]) -> Lease | None:
    """Lease the next thing to do, or None where nothing waits."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [OWNER, settings.LEASE_SECONDS, queues])
        row = cursor.fetchone()
    if row is None:
        return None
    lease = Lease(*row)
    with _guard:
        _held[lease.id] = lease
    _start_heart()
    return lease


def end(lease: Lease, state: Ending, error: str = "", *, pause: float = 0.0) -> Ending | None:
    """Give the work up; queued work waits `pause` seconds.

    Returns its state now: queued, too, when somebody asked for it once more meanwhile; None when it was not ours any more.
    """
    with _guard:
        _held.pop(lease.id, None)
    with connection.cursor() as cursor:
        cursor.execute(_END, [state, pause, error[:2000], lease.id, lease.fence])
        row = cursor.fetchone()
    return row[0] if row else None


def _forget_heart() -> None:
    global _heart  # noqa: PLW0603  (one heart per process)
    _heart = None


def _start_heart() -> None:
    global _heart  # noqa: PLW0603
    with _guard:
        if _heart is None or not _heart.is_alive():
            _heart = threading.Thread(target=_beat_while_held, name="lease-heartbeat", daemon=True)
            _heart.start()


def _beat_while_held() -> None:
    """Ends with the last lease; the next claim starts another."""
    while True:
        time.sleep(settings.HEARTBEAT_SECONDS)
        with _guard:
            if not _held:
                _forget_heart()
                return
        try:
            beat()
        except DatabaseError:
            log.warning("The database is away; leases could not be renewed", exc_info=True)
        finally:
            connection.close()


def beat() -> None:
    """Renew the leases of this process, and tell those that were taken away."""
    with _guard:
        held = list(_held.values())
    if not held:
        return
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, [settings.LEASE_SECONDS, [lease.id for lease in held], OWNER])
        alive = set(cursor.fetchall())
    for lease in held:
        if (lease.id, lease.fence) not in alive:
            lease.lost.set()
