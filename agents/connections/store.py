"""The slowest layer of the cache: PostgreSQL, in the workspace's own schema. It outlives Redis and every process."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from typing import TypeVar

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from agents.connections.models import CachedReply
from agents.llm.types import Cached
from tenants.context import enter, release_connection

T = TypeVar("T")

MOST_BYTES = 400_000
SWEPT_AT_ONCE = 500
CHANCE_OF_SWEEP = 0.02

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


class DatabaseLayer:
    """Fulfils `agents.llm.cache.Layer` for one workspace. What has expired is swept by those who store."""

    name: Cached = "database"

    def __init__(self, schema: str, *, days: int) -> None:
        self._schema = schema
        self._kept = timedelta(days=days)

    async def get(self, place: str) -> bytes | None:
        try:
            return await in_workspace(self._schema, lambda: find(place))
        except DatabaseError:
            return None

    async def put(self, place: str, content: bytes, *, model: str) -> None:
        if len(content) > MOST_BYTES:
            return
        try:
            await in_workspace(self._schema, lambda: keep(place, content, model, self._kept))
        except DatabaseError:
            return


def find(place: str) -> bytes | None:
    found = CachedReply.objects.filter(place=place, expires_at__gt=timezone.now()).values_list("content", flat=True)
    content = found.first()
    return bytes(content) if content is not None else None


def keep(place: str, content: bytes, model: str, kept: timedelta) -> None:
    row = CachedReply(place=place, content=content, model=model[:250], expires_at=timezone.now() + kept)
    with transaction.atomic():
        CachedReply.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["place"], update_fields=["content", "model", "expires_at"]
        )
    if random.random() < CHANCE_OF_SWEEP:  # noqa: S311 - when to tidy up, not a secret
        sweep()


def sweep() -> int:
    """Delete answers whose time is over, so many at once that nobody waits; says how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [SWEPT_AT_ONCE])
        return int(cursor.rowcount)
