"""The process's runner: one thread with one event loop, on which all work that mostly waits goes on side by side.

Hints wake it. It claims as many leases as it has room for, and looks by itself every few seconds, so that a lost hint costs little.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading
from collections.abc import Callable
from contextlib import suppress

import redis.asyncio
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from projects.work import carrying, leases, queue
from projects.work.leases import Ending, Lease, LeaseLost
from projects.work.threads import in_workspace
from tenants.context import PUBLIC

log = logging.getLogger("guildhall.work")
LOOK_SECONDS = 5.0
LISTEN_SECONDS = 1.0
OUTAGE_SECONDS = 1.0
SUSPECT_SECONDS = 0.2


class Runner:
    """Starts with the first hint; ends when the worker drains and nothing is left."""

    def __init__(self) -> None:
        self._queues: set[str] = set()
        self._more_waits = False
        self._suspect: Lease | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._awake: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def wake(self, name: str) -> None:
        """Something may wait in the queue `name`. From any thread."""
        with self._guard:
            self._queues.add(name)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._live, name="runner", daemon=True)
                self._thread.start()
        self.wake_up()

    def wake_up(self) -> None:
        loop, awake = self._loop, self._awake
        if loop is not None and awake is not None and not loop.is_closed():
            loop.call_soon_threadsafe(awake.set)

    def join(self, seconds: float) -> None:
        """Wait until everything has been handed back, but no longer than this."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _live(self) -> None:
        with asyncio.Runner(loop_factory=_loop_factory()) as loop:
            loop.run(self._look_until_drained())

    async def _look_until_drained(self) -> None:
        self._loop, self._awake = asyncio.get_running_loop(), asyncio.Event()
        listening = asyncio.create_task(self._listen())
        try:
            await self._look()
        finally:
            listening.cancel()
            await asyncio.wait([listening])
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _look(self) -> None:
        assert self._awake is not None, "it lives on its loop"  # noqa: S101 - for the type checker
        while not leases.draining.is_set():
            self._awake.clear()
            try:
                await self._fill()
            except DatabaseError:
                log.warning("The database is away; nothing new is begun", exc_info=True)
                await asyncio.sleep(OUTAGE_SECONDS)
                continue
            await self._rest()

    async def _listen(self) -> None:
        """Hear hints without Celery in between. While Redis is away they come as they can, and the look of every few seconds remains."""
        while True:
            with suppress(RedisError, OSError):
                async with redis.asyncio.Redis.from_url(settings.LIVE_REDIS_URL) as client, client.pubsub() as hints:
                    await self._hear(hints)
            await asyncio.sleep(OUTAGE_SECONDS)

    async def _hear(self, hints: PubSub) -> None:
        """Only of the queues that this process serves: who sends a hint counts those who hear it."""
        heard: set[str] = set()
        while True:
            with self._guard:
                fresh = self._queues - heard
            if fresh:
                await hints.subscribe(*map(queue.channel_of, fresh))
                heard |= fresh
            if await hints.get_message(ignore_subscribe_messages=True, timeout=LISTEN_SECONDS) is not None:
                self.wake_up()

    async def _rest(self) -> None:
        assert self._awake is not None, "it lives on its loop"  # noqa: S101 - for the type checker
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._awake.wait()
        except TimeoutError:
            """Time to look by itself."""

    async def _fill(self) -> None:
        """Begin as much as there is room for."""
        while (room := settings.RUNS_PER_WORKER - len(self._tasks)) > 0 and not leases.draining.is_set():
            found = await in_workspace(PUBLIC, self._claim, room)
            for lease, is_active in found:
                task = asyncio.create_task(self._carry_out(lease) if is_active else _refuse(lease))
                self._tasks.add(task)
                task.add_done_callback(self._forget)
            self._more_waits = len(found) == room
            if not self._more_waits:
                return

    def _claim(self, room: int) -> list[tuple[Lease, bool]]:
        """New leases, and whether the work of their workspaces may be done."""
        with self._guard:
            queues = list(self._queues)
        found = leases.claim_many(queues, most=room, only=queue.kinds_async(), limit=settings.RUNS_PER_WORKSPACE)
        try:
            return [(lease, carrying.is_active(lease.schema)) for lease in found]
        except DatabaseError:
            for lease in found:
                leases.drop(lease)  # nobody would carry it out, so nobody may go on renewing it
            raise

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._awake is not None and (self._more_waits or leases.draining.is_set()):
            self._awake.set()

    async def _carry_out(self, lease: Lease) -> None:
        try:
            ending = await (self._one_at_a_time(lease) if _is_suspect(lease) else self._ending(lease))
            await in_workspace(PUBLIC, carrying.give_up_lease, lease, ending)
        except (OperationalError, InterfaceError):
            log.warning("The database went away during %s %s", lease.kind, lease.object_id, exc_info=True)
            await _hand_back(lease)
        except Exception:  # the top of a task that nobody awaits: the lease is dropped, and another worker takes it up
            log.exception("%s %s in %s could not be ended", lease.kind, lease.object_id, lease.schema)
            leases.drop(lease)

    async def _one_at_a_time(self, lease: Lease) -> Ending:
        """A suspect takes whatever goes on beside it with it, but no other suspect, whose last try it would be."""
        if self._suspect is not None:
            lease.pause = SUSPECT_SECONDS
            return "queued"
        self._suspect = lease
        try:
            return await self._ending(lease)
        finally:
            self._suspect = None
            self.wake_up()

    async def _ending(self, lease: Lease) -> Ending:
        kind = queue.kind_of(lease.kind)
        if kind.run_async is None:
            raise TypeError(f"Work of the kind {lease.kind} does not share a loop.")
        try:
            return await kind.run_async(lease)
        except LeaseLost as lost:
            log.info("%s", lost)
            return "queued"
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # a bug in one piece of work ends that piece, in words
            log.exception("%s %s in %s stopped by a bug", lease.kind, lease.object_id, lease.schema)
            await in_workspace(lease.schema, kind.give_up, lease.object_id, carrying.worded(error))
            return "failed"


def _is_suspect(lease: Lease) -> bool:
    """Whether it has lost its workers so often that the next time is the last: it may be what killed them."""
    return 0 < lease.crashes >= queue.most_crashes() - 1


async def _refuse(lease: Lease) -> None:
    await in_workspace(PUBLIC, carrying.give_up_lease, lease, "failed", carrying.GONE)


async def _hand_back(lease: Lease) -> None:
    for _ in range(carrying.OUTAGE_TRIES):
        if await in_workspace(PUBLIC, carrying.handed_back, lease):
            return
        await asyncio.sleep(1)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, where it is installed."""
    try:
        made: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    except ImportError:
        return None
    return made


runner = Runner()
