"""One thread per worker process that keeps the flags of all its runs fresh: whose they are, and whether somebody wants them to stop.

It looks every half second, one query per workspace and one for what the marketplace has revoked, and at once when `announce` was
called somewhere or a block was set or lifted.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Protocol
from uuid import UUID

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from redis.client import PubSub
from redis.exceptions import RedisError

from projects.models import Run
from tenants.context import current_schema, enter
from tenants.provenance import revoked
from tenants.provenance.revoked import Known

log = logging.getLogger("guildhall.runs")
LOOK_SECONDS = 0.5
CHANNEL = "guildhall.runs.look"


class Watched(Protocol):
    """A run in this process, as the watcher sees it."""

    schema: str

    @property
    def fence(self) -> int: ...

    @property
    def run_id(self) -> UUID: ...

    def lose(self) -> None: ...

    def cancel(self) -> None: ...

    def judge(self, known: Known) -> None:
        """Act on what the marketplace has revoked."""
        ...

    def look(self) -> None:
        """Act on flags that changed in this process: a lease that is gone, a worker that shuts down."""
        ...


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.LIVE_REDIS_URL, socket_timeout=5, socket_connect_timeout=2)


def announce(run_id: UUID) -> None:
    """Have whoever carries out this run look at it now. A lost message costs half a second."""
    try:
        _redis().publish(CHANNEL, f"{current_schema()} {run_id}")
    except RedisError:
        log.info("Redis is away; the worker of run %s will look by itself", run_id)


class Watcher:
    def __init__(self) -> None:
        self._watched: set[Watched] = set()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, run: Watched) -> None:
        with self._guard:
            self._watched.add(run)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch_forever, name="run-watcher", daemon=True)
                self._thread.start()

    def leave(self, run: Watched) -> None:
        with self._guard:
            self._watched.discard(run)

    def _watch_forever(self) -> None:
        """Ends with the last run; the next one starts another."""
        calls = _Calls()
        while True:
            calls.wait(LOOK_SECONDS)
            with self._guard:
                runs = list(self._watched)
                if not runs:
                    self._thread = None
                    break
            try:
                look_at(runs)
            except DatabaseError:
                log.warning("The database is away; runs cannot be looked at", exc_info=True)
            finally:
                connection.close()
        calls.close()


class _Calls:
    """Listens for `announce`; while Redis is away it only waits."""

    def __init__(self) -> None:
        self._listening: PubSub | None = None

    def wait(self, seconds: float) -> None:
        """Until somebody calls, but no longer than this."""
        began = time.monotonic()
        try:
            if self._listening is None:
                self._listening = _redis().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
                self._listening.subscribe(CHANNEL, revoked.CHANNEL)
            while (left := began + seconds - time.monotonic()) > 0:
                if self._listening.get_message(timeout=left) is not None:
                    return
        except (RedisError, OSError):
            self.close()
            time.sleep(max(0.0, began + seconds - time.monotonic()))

    def close(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.close()


def look_at(runs: Sequence[Watched]) -> None:
    """Read the flags of these runs and hand on what changed."""
    by_schema: dict[str, list[Watched]] = defaultdict(list)
    known = _revocations()
    for run in runs:
        run.look()
        run.judge(known)
        by_schema[run.schema].append(run)
    for schema, group in by_schema.items():
        with enter(schema):
            _look_in_workspace(group)


def _revocations() -> Known:
    """What is revoked by now; while it cannot be read, what was known last, which says how old it is."""
    try:
        return revoked.memory.look()
    except DatabaseError:
        log.warning("Revocations cannot be read")
        connection.close()
        return revoked.memory.known


def _look_in_workspace(runs: Sequence[Watched]) -> None:
    rows = Run.objects.filter(pk__in=[run.run_id for run in runs])
    found = {pk: (fence, asked) for pk, fence, asked in rows.values_list("pk", "fence", "cancel_requested_at")}
    for run in runs:
        fence, asked = found.get(run.run_id, (-1, None))
        if fence != run.fence:
            run.lose()
        elif asked is not None:
            run.cancel()


watcher = Watcher()
