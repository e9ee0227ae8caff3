"""Leases on work: one owner at a time, by a heartbeat, with a number that fences off whoever lost it."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.conf import settings
from django.db import DatabaseError, connection

from projects.work import owners
from tenants import statements

log = logging.getLogger("guildhall.work")
Ending = Literal["done", "failed", "queued"]

# The queue is fair: the workspace with the fewest items running goes first, of those the one whose turn is longest ago, then the oldest
# item; inside a workspace the most urgent. Without turns a worker that does one thing at a time would finish the oldest backlog first.
# Claims take turns (the lock), so that no two of them count the same room under a workspace's limit. Each statement sees what the
# one before it left, and the server carries both out without waiting for us in between.
_TURN = "SELECT pg_advisory_xact_lock(7021)"
_CLAIM = """
WITH RECURSIVE workspaces AS (
    (SELECT schema FROM work_workitem WHERE state = 'queued' ORDER BY schema LIMIT 1)
    UNION ALL
    SELECT (SELECT w.schema FROM work_workitem w WHERE w.state = 'queued' AND w.schema > s.schema ORDER BY w.schema LIMIT 1)
    FROM workspaces s WHERE s.schema IS NOT NULL
), busy AS (
    SELECT schema, count(*) AS running FROM work_workitem WHERE state = 'running' AND queue = ANY(%(queues)s) GROUP BY schema
), waiting AS (
    SELECT w.id, w.queued_at, t.runs_at_once, turn.begun_at,
           coalesce(b.running, 0) + row_number() OVER (PARTITION BY s.schema ORDER BY w.priority DESC, w.queued_at) AS place
    FROM workspaces s
    LEFT JOIN busy b ON b.schema = s.schema
    LEFT JOIN tenants_tenant t ON t.schema_name = s.schema
    CROSS JOIN LATERAL (SELECT max(begun_at) AS begun_at FROM work_turn WHERE schema = s.schema AND queue = ANY(%(queues)s)) turn
    CROSS JOIN LATERAL (
        SELECT id, priority, queued_at FROM work_workitem i
        WHERE i.schema = s.schema AND i.state = 'queued' AND i.queue = ANY(%(queues)s) AND i.queued_at <= now() - %(overdue)s::float8 * interval '1 second'
              AND (%(only)s::text[] IS NULL OR i.kind = ANY(%(only)s)) AND i.kind <> ALL(%(without)s::text[])
        ORDER BY i.priority DESC, i.queued_at LIMIT %(most)s) w
    WHERE s.schema IS NOT NULL
), taken AS (
    UPDATE work_workitem SET state = 'running', owner = %(owner)s, fence = fence + 1, again = false, updated_at = now(),
           lease_until = now() + %(seconds)s::float8 * interval '1 second'
    WHERE id IN (
        SELECT w.id FROM waiting n JOIN work_workitem w ON w.id = n.id
        WHERE w.state = 'queued'
              AND (%(limit)s::int IS NULL OR n.place <= coalesce(n.runs_at_once, nullif(%(limit)s::int, 0), 2147483647))
        ORDER BY n.place, n.begun_at NULLS FIRST, n.queued_at LIMIT %(most)s FOR UPDATE OF w SKIP LOCKED)
    RETURNING id, schema, kind, object_id, queue, fence, crashes
), turns AS (
    INSERT INTO work_turn (schema, queue, begun_at) SELECT schema, queue, max(clock_timestamp()) FROM taken GROUP BY schema, queue
    ON CONFLICT (schema, queue) DO UPDATE SET begun_at = excluded.begun_at
)
SELECT * FROM taken"""

_RENEW = """
UPDATE work_workitem SET lease_until = now() + %s * interval '1 second'
WHERE id = ANY(%s) AND owner = %s AND state = 'running' RETURNING id, fence"""

_END = """
UPDATE work_workitem SET state = CASE WHEN again THEN 'queued' ELSE %s::text END, queued_at = now() + CASE WHEN again THEN 0 ELSE %s::float8 END * interval '1 second',
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
_hurry_at: float | None = None
_held: dict[uuid.UUID, Lease] = {}
_guard = threading.Lock()
_heart: threading.Thread | None = None
_resting = threading.Event()


def claim(queues: Sequence[str], *, without: Sequence[str] = ()) -> Lease | None:
    """Lease the next thing to do, but nothing of the kinds `without`; None where nothing waits."""
    leases = claim_many(queues, most=1, without=without)
    return leases[0] if leases else None


def claim_many(
    queues: Sequence[str],
    *,
    most: int,
    only: Sequence[str] | None = None,
    without: Sequence[str] = (),
    limit: int | None = None,
    overdue: float = 0.0,
) -> list[Lease]:
    """Lease up to `most` things: of the kinds `only` where given, and none of `without`.

    `limit` is how many a workspace may have running at once: its own number if it has one, else this; 0 is no limit, None asks neither.
    With `overdue` only what has been due for so many seconds.
    """
    values: dict[str, Any] = {
        "queues": list(queues),
        "most": most,
        "only": None if only is None else list(only),
        "without": list(without),
        "limit": limit,
        "owner": owners.own(),
        "seconds": settings.LEASE_SECONDS,
        "overdue": overdue,
    }
    _, rows = statements.fetch_in_turn((_TURN, ()), (_CLAIM, values))
    leases = [Lease(*row) for row in rows]
    if leases:
        with _guard:
            _held.update((lease.id, lease) for lease in leases)
        _start_heart()
    return leases


def end(lease: Lease, state: Ending, error: str = "", *, pause: float = 0.0) -> Ending | None:
    """Give the work up; queued work waits `pause` seconds.

    Returns its state now: queued, too, when somebody asked for it once more meanwhile; None when it was not ours any more.
    """
    with _guard:
        _held.pop(lease.id, None)
    found = statements.fetch(_END, [state, float(pause), error[:2000], lease.id, lease.fence])
    return found[0][0] if found else None


def holds_any(*, without: Sequence[str] = ()) -> bool:
    """Whether this process has work in hand, of other kinds than `without`."""
    with _guard:
        return any(lease.kind not in without for lease in _held.values())


def drop(lease: Lease) -> None:
    """Stop renewing a lease that could not be ended: it expires, and the sweeper takes the work back as a crash."""
    with _guard:
        _held.pop(lease.id, None)


def drain() -> None:
    """This worker ends: work stops at its next boundary and goes back to the queue, without counting as a crash."""
    global _hurry_at  # noqa: PLW0603  (one process, one end)
    _hurry_at = time.monotonic() + settings.DRAIN_SECONDS
    draining.set()


def must_hurry() -> bool:
    """Whether there is no time left to wait for the next boundary."""
    return _hurry_at is not None and time.monotonic() >= _hurry_at


def rest() -> None:
    """Let go of everything at once and return when the heart stands still: what is left runs out, and the sweeper takes it back."""
    with _guard:
        _held.clear()
        heart = _heart
    if heart is not None:
        _resting.set()
        heart.join()
        _resting.clear()


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
        is_over = _resting.wait(settings.HEARTBEAT_SECONDS)
        with _guard:
            if is_over or not _held:
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
        cursor.execute(_RENEW, [settings.LEASE_SECONDS, [lease.id for lease in held], owners.own()])
        alive = set(cursor.fetchall())
    for lease in held:
        if (lease.id, lease.fence) not in alive:
            lease.lost.set()
