"""The two quick layers: memory of this process, bounded in bytes, and Redis, bounded in time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Protocol

from agents.llm.shared import Away, SharedMemory
from agents.llm.types import Cached

OVERHEAD = 250  # bytes of an entry besides its content: key, tuple, place in the order


class Layer(Protocol):
    """Bytes by place. No method raises: a layer that is away knows nothing and keeps nothing."""

    @property
    def name(self) -> Cached:
        """What a reply's `cached` says where this layer had it."""
        ...

    async def get(self, place: str) -> bytes | None:
        """What was kept at `place`, unless its time is over."""
        ...

    async def put(self, place: str, content: bytes, *, model: str) -> None:
        """Keep `content`; `model` is for the list that an operator may look at."""
        ...


class _Kept(NamedTuple):
    content: bytes
    until: float


class ProcessLayer:
    """The most recently used answers of one process, at most `most_bytes` together. Used from several threads."""

    name: Cached = "process"

    def __init__(
        self,
        *,
        most_bytes: int = 64_000_000,
        seconds: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self.bytes = 0

    async def get(self, place: str) -> bytes | None:
        with self._lock:
            kept = self._kept.get(place)
            if kept is None:
                return None
            if kept.until <= self._clock():
                self._drop(place)
                return None
            self._kept.move_to_end(place)
            return kept.content

    async def put(self, place: str, content: bytes, *, model: str) -> None:
        if len(content) + OVERHEAD > self._most_bytes // 8:
            return
        with self._lock:
            if place in self._kept:
                self._drop(place)
            self._kept[place] = _Kept(content, self._clock() + self._seconds)
            self.bytes += len(content) + OVERHEAD
            while self.bytes > self._most_bytes:
                self._drop(next(iter(self._kept)))

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self.bytes = 0

    def _drop(self, place: str) -> None:
        self.bytes -= len(self._kept.pop(place).content) + OVERHEAD


class RedisLayer:
    """Answers that all processes share for `seconds`; one of more than `most_bytes` is not kept there."""

    name: Cached = "redis"

    def __init__(self, memory: SharedMemory, *, seconds: int = 3_600, most_bytes: int = 100_000) -> None:
        self._memory = memory
        self._seconds = seconds
        self._most_bytes = most_bytes

    async def get(self, place: str) -> bytes | None:
        try:
            found = await self._memory.command("GET", _key(place))
        except Away:
            return None
        return found if isinstance(found, bytes) else None

    async def put(self, place: str, content: bytes, *, model: str) -> None:
        if len(content) > self._most_bytes:
            return
        with suppress(Away):
            await self._memory.command("SET", _key(place), content, "EX", self._seconds)


def _key(place: str) -> str:
    return f"llm:answer:{place}"
