"""Putting work into the queue, and who carries it out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache, partial
from typing import NamedTuple
from uuid import UUID

import redis
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from projects.work.leases import Ending, Lease
from tenants.context import current_schema
from tenants.ids import uuid7

TASK = "work.next"
Runner = Callable[[Lease], Ending]
AsyncRunner = Callable[[Lease], Awaitable[Ending]]
Undertaker = Callable[[UUID, str], None]


class Kind(NamedTuple):
    """How one kind of work is done (by one of the two), and what to tell its owner when it crashed too often."""

    run: Runner | None
    give_up: Undertaker
    run_async: AsyncRunner | None = None


_kinds: dict[str, Kind] = {}

_ENQUEUE = """
INSERT INTO public.work_workitem
    (id, created_at, updated_at, schema, kind, object_id, queue, priority, state, fence, crashes, owner, queued_at, again, error)
VALUES (%(id)s, now(), now(), %(schema)s, %(kind)s, %(object)s, %(queue)s, coalesce(%(priority)s, 5), 'queued', 0, 0, '',
        now() + %(after)s * interval '1 second', false, '')
ON CONFLICT (schema, kind, object_id) DO UPDATE SET
    again = (work_workitem.state = 'running'),
    state = CASE WHEN work_workitem.state = 'running' THEN 'running' ELSE 'queued' END,
    queued_at = CASE WHEN work_workitem.state = 'running' THEN work_workitem.queued_at ELSE excluded.queued_at END,
    crashes = CASE WHEN work_workitem.state = 'running' THEN work_workitem.crashes ELSE 0 END,
    priority = coalesce(%(priority)s, work_workitem.priority), hinted_at = NULL, updated_at = now()"""

_WITHDRAW = """
UPDATE public.work_workitem SET state = 'done', updated_at = now()
WHERE schema = %s AND kind = %s AND object_id = %s AND state = 'queued'"""


def register(kind: str, run: Runner, *, give_up: Undertaker) -> None:
    """Say who carries out work of this kind. Called once, from an app's ready()."""
    _kinds[kind] = Kind(run, give_up)


def register_async(kind: str, run: AsyncRunner, *, give_up: Undertaker) -> None:
    """The same for work that waits more than it computes: many items share one event loop of a worker process."""
    _kinds[kind] = Kind(None, give_up, run)


def kinds_async() -> list[str]:
    return [name for name, kind in _kinds.items() if kind.run_async is not None]


def kind_of(lease_kind: str) -> Kind:
    return _kinds[lease_kind]


def enqueue(*, kind: str, object_id: UUID, queue: str, after: float = 0.0, priority: int | None = None) -> None:
    """Put work of the current tenant into the queue, in the caller's transaction; wake a worker after the commit.

    With `after` it is due in so many seconds; a keeper hints at it then, some seconds late. Of one workspace's work in a queue
    the highest `priority` goes first, from 1 to 9; not given, it stays as it was, or 5.
    """
    values: dict[str, str | float | UUID | None] = {"id": uuid7(), "schema": current_schema(), "kind": kind}
    values |= {"object": object_id, "queue": queue, "after": after, "priority": priority}
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE, values)
    if not after:
        transaction.on_commit(partial(hint, queue, kind))


def withdraw(*, kind: str, object_id: UUID) -> None:
    """Take work out of the queue that nobody has begun."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHDRAW, [current_schema(), kind, object_id])


def hint(queue: str, kind: str = "", *, loudly: bool = False) -> bool:
    """Wake a worker of `queue`, for work of this kind; False when Redis is away. A lost hint costs seconds, not work: keepers send another.

    Runners that are up listen to Redis themselves. Where none does, or `loudly`, the hint is a Celery message, which starts one.
    """
    try:
        if loudly or kind not in kinds_async() or not _listeners().publish(channel_of(queue), kind):
            current_app.send_task(TASK, kwargs={"kind": kind}, queue=queue, retry=False)
    except (RedisError, OperationalError, OSError):
        return False  # the item still stands in PostgreSQL, where keepers and runners look by themselves
    return True


def channel_of(queue: str) -> str:
    """Where runners listen for hints."""
    return f"guildhall.work.{queue}"


@cache
def _listeners() -> redis.Redis:
    return redis.Redis.from_url(settings.LIVE_REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def waiting(queue: str) -> int:
    """How many items of `queue` wait for a worker now; not what rests until a moment to come, such as a schedule."""
    due = "SELECT count(*) FROM public.work_workitem WHERE state = 'queued' AND queue = %s AND queued_at <= now()"
    with connection.cursor() as cursor:
        cursor.execute(due, [queue])
        return int(cursor.fetchone()[0])


def most_crashes() -> int:
    return int(settings.MOST_CRASHES)
