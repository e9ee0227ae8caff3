"""One subscription to Redis per process, handed on to every socket of the process.

Each socket has a bounded outbox. When it overflows, or the connection to Redis breaks, the socket is told that it
missed something and reads PostgreSQL again: at most once from Redis, exactly once for the reader.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer
from django.conf import settings
from redis import asyncio as redis
from redis.exceptions import RedisError

from projects import metrics
from projects.realtime.publishing import channel_of

log = logging.getLogger("guildhall.realtime")
OUTBOX = 1000
PICTURES = 16
RETRY_SECONDS = 0.5
CONFIRM_SECONDS = 2.0


class Outbox:
    """What waits to be sent to one socket: (group, seq, text). The number stands beside the text, so that no socket parses it.

    Pictures wait apart and go out after the messages: where the reader is slow the oldest are let go, never a message.
    """

    def __init__(self) -> None:
        self.waiting: deque[tuple[str, int | None, str]] = deque(maxlen=OUTBOX)
        self.pictures: deque[tuple[str, bytes]] = deque(maxlen=PICTURES)
        self.ready = asyncio.Event()
        self.missed = False

    def put(self, group: str, seq: int | None, text: str) -> None:
        if len(self.waiting) == OUTBOX:
            self.missed = True
        self.waiting.append((group, seq, text))
        self.ready.set()

    def put_picture(self, group: str, body: bytes) -> None:
        self.pictures.append((group, body))
        self.ready.set()

    def mark_missed(self) -> None:
        self.missed = True
        self.ready.set()


class Hub:
    """The process's ear on Redis. One per event loop."""

    _of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()

    @classmethod
    def here(cls) -> Hub:
        loop = asyncio.get_running_loop()
        if loop not in cls._of_loop:
            cls._of_loop[loop] = cls()
        return cls._of_loop[loop]

    def __init__(self) -> None:
        self.groups: dict[str, set[Outbox]] = {}
        self._heard: dict[str, asyncio.Event] = {}  # set once Redis confirmed the group's subscription
        self._names: dict[bytes, str] = {}
        self._listening: Any = None
        self._pump: asyncio.Task[None] | None = None

    async def join(self, group: str, outbox: Outbox) -> None:
        """From when this returns, what is published to `group` reaches `outbox`; while Redis is away it is marked as missed."""
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._listen_forever())
        self.groups.setdefault(group, set()).add(outbox)
        if group not in self._heard:
            self._heard[group] = asyncio.Event()
            self._names[channel_of(group).encode()] = group
            await self._tell_redis("subscribe", group)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._heard[group].wait(), CONFIRM_SECONDS)

    async def leave(self, group: str, outbox: Outbox) -> None:
        members = self.groups.get(group, set())
        members.discard(outbox)
        if not members and group in self.groups:
            del self.groups[group], self._heard[group], self._names[channel_of(group).encode()]
            await self._tell_redis("unsubscribe", group)

    async def _tell_redis(self, command: str, group: str) -> None:
        if self._listening is not None:
            with suppress(RedisError, OSError):  # after a break the pump subscribes to every group again
                await getattr(self._listening, command)(channel_of(group))

    async def _listen_forever(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError):
                log.warning("Redis is away; sockets will catch up from PostgreSQL")
            self._listening = None
            self._mark_all_missed()
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        connection = redis.Redis.from_url(settings.LIVE_REDIS_URL)
        async with connection, connection.pubsub() as listening:
            await listening.subscribe("guildhall:hub", *(channel_of(group) for group in self.groups))
            self._listening = listening
            while True:
                message = await listening.get_message(timeout=25)
                if message is not None:
                    self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        group = self._names.get(message["channel"])
        if group is None:
            return
        if message["type"] == "subscribe":
            self._heard[group].set()
        elif message["type"] == "message":
            self._hand_out(group, message["data"])

    def _hand_out(self, group: str, data: bytes) -> None:
        layer: Any = get_channel_layer()
        message = layer.deserialize(data)
        for outbox in self.groups.get(group, ()):
            if "picture" in message:
                outbox.put_picture(group, message["picture"])
            else:
                outbox.put(group, message["seq"], message["text"])
        if sent := message.get("at"):  # the clocks of two hosts may differ
            metrics.DELIVERY.observe(max(time.time() - sent, 0.0))

    def _mark_all_missed(self) -> None:
        for members in self.groups.values():
            for outbox in members:
                outbox.mark_missed()
