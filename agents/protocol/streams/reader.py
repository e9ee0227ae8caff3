"""One blocking read per process and scope: it fills all its inboxes, hands out answers, and takes over what dead workers left."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError, ResponseError

from agents.protocol.errors import BusUnavailable
from agents.protocol.messages import unpacked
from agents.protocol.streams.inbox import PREFETCH, Entry, StreamInbox
from agents.protocol.streams.scripts import BANDS, GROUP

if TYPE_CHECKING:
    from agents.protocol.streams.bus import StreamsBus

log = logging.getLogger("guildhall.protocol")
BLOCK_MS = 2_000
RETRY_SECONDS = 0.5
MOST_CLAIMED = 100
BELL = {"bell": "1"}

Fields = dict[bytes, bytes]


class Reader:
    """Runs as one task from the first inbox or request on."""

    def __init__(self, bus: StreamsBus, claim_seconds: float) -> None:
        self._bus, self._claim_seconds = bus, claim_seconds
        self._mine = bus.keys.instance(bus.instance)
        self._task: asyncio.Task[None] | None = None
        self._looked_after = time.monotonic()
        self._stopping = asyncio.Event()  # the client swallows a cancellation now and then
        self._bells: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """From when this returns, answers sent to this process wait for it."""
        if self._task is None or self._task.done():
            await self._make_own_stream()
            self._task = asyncio.create_task(self._read_forever(), name="bus-reader")

    async def stop(self) -> None:
        self._stopping.set()
        tasks = {*self._bells, *([self._task] if self._task else [])}
        while tasks:
            for task in tasks:
                task.cancel()
            _, tasks = await asyncio.wait(tasks, timeout=0.05)

    async def look_again(self) -> None:
        """Inboxes were opened or closed: the read that goes on does not know."""
        with suppress(RedisError, OSError):
            await self.start()
            await self._bus.redis.xadd(self._mine, BELL)  # type: ignore[arg-type]

    def has_room(self) -> None:
        """An inbox that was full is left out of the read that goes on."""
        if self._task is not None and not self._bells:
            bell = asyncio.create_task(self.look_again())
            self._bells.add(bell)
            bell.add_done_callback(self._bells.discard)

    async def _read_forever(self) -> None:
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set():
                    await self._read()
            except ResponseError as error:
                log.warning("Redis has lost streams of %s (%s); they are made again", self._bus.keys.scope, error)
                await self._register_again()
            except (RedisError, OSError, BusUnavailable):
                if self._stopping.is_set():
                    return
                log.warning("Redis is away; the bus of %s waits for it", self._bus.keys.scope)
            await asyncio.sleep(RETRY_SECONDS)

    async def _make_own_stream(self) -> None:
        with suppress(ResponseError):  # it is there already
            await self._bus.redis.xgroup_create(self._mine, GROUP, "0", mkstream=True)

    async def _register_again(self) -> None:
        with suppress(BusUnavailable, RedisError, OSError):
            await self._make_own_stream()
            for inbox in list(self._bus.inboxes.values()):
                await self._bus.register(inbox)

    async def _read(self) -> None:
        open_ = [inbox for inbox in self._bus.inboxes.values() if inbox.has_room]
        places = {inbox.streams[band]: inbox for band in range(len(BANDS)) for inbox in open_}
        streams: dict[Any, Any] = dict.fromkeys([self._mine, *places], ">")
        block = min(BLOCK_MS, int(self._claim_seconds * 500) or 1)
        found: Any = await self._bus.redis.xreadgroup(GROUP, self._bus.instance, streams, count=PREFETCH, block=block)
        for name, entries in found:
            stream = name.decode()
            if stream == self._mine:
                await self._own(entries)
            else:
                _hand_in(places[stream], stream, entries)
        if time.monotonic() - self._looked_after >= self._claim_seconds / 2:
            self._looked_after = time.monotonic()
            await self._look_after_held()
            await self._take_over()

    async def _own(self, entries: Sequence[tuple[bytes, Fields]]) -> None:
        """Answers to our requests; the bell needs nothing but to have been heard."""
        for _, fields in entries:
            if b"message" in fields and not self._bus.answered(answer := unpacked(fields[b"message"])):
                await self._bus.bury(answer, answer.recipient, "late")
        await self._bus.settle(self._mine, [entry for entry, _ in entries])

    async def _look_after_held(self) -> None:
        """Tell Redis that what we hold is in living hands, however long its handler takes."""
        async with self._bus.redis.pipeline(transaction=False) as pipe:
            for inbox in self._bus.inboxes.values():
                for stream in inbox.streams:
                    if held := [entry.id for entry in inbox.held if entry.stream == stream]:
                        pipe.xclaim(stream, GROUP, self._bus.instance, 0, held, justid=True)  # type: ignore[arg-type]
            pipe.pexpire(self._mine, int(self._claim_seconds * 10_000) + 3_600_000)
            await pipe.execute()

    async def _take_over(self) -> None:
        """Messages that a worker took and never settled."""
        idle = int(self._claim_seconds * 1_000)
        for inbox in list(self._bus.inboxes.values()):
            for stream in inbox.streams if inbox.has_room else ():
                answer = await self._bus.redis.xautoclaim(stream, GROUP, self._bus.instance, idle, count=MOST_CLAIMED)
                if entries := [(entry, fields) for entry, fields in answer[1] if fields]:
                    await self._claimed(inbox, stream, entries)

    async def _claimed(self, inbox: StreamInbox, stream: str, entries: Sequence[tuple[bytes, Fields]]) -> None:
        pending: Any = await self._bus.redis.xpending_range(
            stream, GROUP, min=entries[0][0], max=entries[-1][0], count=MOST_CLAIMED, consumername=self._bus.instance
        )
        times = {one["message_id"]: one["times_delivered"] for one in pending}
        for entry, fields in entries:
            (tried, body), *_ = fields.items()
            attempt = int(tried) + times.get(entry, 1) - 1
            if attempt <= inbox.terms.attempts:
                inbox.arrived(Entry(stream, entry), unpacked(body), attempt)
                continue
            await self._bus.bury(unpacked(body), inbox.name, "failed", "Each worker that took it died or hung.")
            await self._bus.settle(stream, [entry])


def _hand_in(inbox: StreamInbox, stream: str, entries: Sequence[tuple[bytes, Fields]]) -> None:
    for entry, fields in entries:
        (tried, body), *_ = fields.items()
        inbox.arrived(Entry(stream, entry), unpacked(body), int(tried))
