"""The slowest layer of the cache: PostgreSQL, in the workspace's own schema. It outlives Redis and every process."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from agents.connections.models import CachedReply
from agents.llm.types import Cached
from tenants.context import enter, release_connection

T = TypeVar("T")
log = logging.getLogger("guildhall.connections")

MOST_BYTES = 400_000
SWEPT_AT_ONCE = 500
CHANCE_OF_SWEEP = 0.1
READ_LATE, WRITE_LATE = 0.002, 0.5

_SWEEP = """
DELETE FROM connections_cachedreply WHERE place IN
  (SELECT place FROM connections_cachedreply WHERE expires_at < now() ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED)"""

_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="connections-db")


async def in_workspace(schema: str, call: Callable[[], T]) -> T:
    """Run a database call of an event loop in `schema`, on a few threads; the connection is given back after it."""

    def work() -> T:
        try:
            with enter(schema):
                return call()
        finally:
            release_connection()

    return await asyncio.get_running_loop().run_in_executor(_threads, copy_context().run, work)


class _Desk:
    """What callers on one event loop want of one workspace's table: gathered for a moment, then one statement for all."""

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._wanted: dict[str, asyncio.Future[bytes | None]] = {}
        self._rows: dict[str, CachedReply] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def find(self, place: str) -> bytes | None:
        future = self._wanted.get(place)
        if future is None:
            future = self._wanted[place] = asyncio.get_running_loop().create_future()
            if len(self._wanted) == 1:
                self._start(self._find_soon())
        return await asyncio.shield(future)  # others may wait for the same

    def keep(self, row: CachedReply) -> None:
        self._rows[row.place] = row
        if len(self._rows) == 1:
            self._start(self._keep_soon())

    async def flush(self) -> None:
        rows, self._rows = self._rows, {}
        if not rows:
            return
        try:
            await in_workspace(self._schema, partial(keep, list(rows.values())))
        except DatabaseError:
            log.warning("Answers of %s could not be kept", self._schema, exc_info=True)

    async def _find_soon(self) -> None:
        await asyncio.sleep(READ_LATE)
        wanted, self._wanted = self._wanted, {}
        found: dict[str, bytes] = {}
        try:
            found = await in_workspace(self._schema, partial(find, list(wanted)))
        except DatabaseError:
            log.warning("Kept answers of %s could not be read", self._schema, exc_info=True)
        finally:
            for place, future in wanted.items():
                if not future.done():
                    future.set_result(found.get(place))

    async def _keep_soon(self) -> None:
        await asyncio.sleep(WRITE_LATE)
        await self.flush()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, _Desk]] = WeakKeyDictionary()


async def flush() -> None:
    """Write what callers on the running loop gave to keep."""
    for desk in list(_desks.get(asyncio.get_running_loop(), {}).values()):
        await desk.flush()


class DatabaseLayer:
    """Fulfils `agents.llm.cache.Layer` for one workspace. Answers are written half a second late, many at once; what has
    expired is swept by those who write."""

    name: Cached = "database"

    def __init__(self, schema: str, *, days: int) -> None:
        self._schema = schema
        self._kept = timedelta(days=days)

    async def get(self, place: str) -> bytes | None:
        return await self._desk().find(place)

    async def put(self, place: str, content: bytes, *, model: str) -> None:
        if len(content) <= MOST_BYTES:
            until = timezone.now() + self._kept
            self._desk().keep(CachedReply(place=place, content=content, model=model[:250], expires_at=until))

    def _desk(self) -> _Desk:
        desks = _desks.setdefault(asyncio.get_running_loop(), {})
        return desks.setdefault(self._schema, _Desk(self._schema))


def find(places: Sequence[str]) -> dict[str, bytes]:
    """Those of `places` that hold an answer whose time is not over."""
    found = CachedReply.objects.filter(place__in=places, expires_at__gt=timezone.now())
    return {place: bytes(content) for place, content in found.values_list("place", "content")}


def keep(rows: Sequence[CachedReply]) -> None:
    """Store answers; one that is there already gets its new text and time."""
    with transaction.atomic():
        CachedReply.objects.bulk_create(
            sorted(rows, key=attrgetter("place")),  # two processes that store the same lock in the same order
            update_conflicts=True,
            unique_fields=["place"],
            update_fields=["content", "model", "expires_at"],
        )
    if random.random() < CHANCE_OF_SWEEP:  # noqa: S311 - when to tidy up, not a secret
        sweep()


def sweep() -> int:
    """Delete answers whose time is over, so many at once that nobody waits; says how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [SWEPT_AT_ONCE])
        return int(cursor.rowcount)
