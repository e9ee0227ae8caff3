"""Redis as the memory that processes share, asked with bounded patience.

What is kept there is never the only copy of anything: whoever asks has an answer of their own for the time that it is away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import RedisError

T = TypeVar("T")

AWAY = Counter("llm_shared_memory_away_total", "Questions to Redis that were answered from process memory instead.")


class Away(Exception):
    """Redis does not answer; decide from what this process knows."""


class SharedMemory:
    """Redis, reached from any event loop of this process: connections belong to the loop that made them.

    A question takes at most `patience` seconds. After a failure nobody waits for Redis again for `rest` seconds.
    """

    def __init__(self, connect: Callable[[], Redis], *, patience: float = 0.5, rest: float = 1.0) -> None:
        self._connect = connect
        self._patience = patience
        self._rest = rest
        self._away_until = 0.0
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = WeakKeyDictionary()

    async def ask(self, call: Callable[[Redis], Awaitable[T]]) -> T:
        """What `call` finds. Raises Away."""
        if time.monotonic() < self._away_until:
            AWAY.inc()
            raise Away
        try:
            async with asyncio.timeout(self._patience):
                return await call(self._client())
        except (RedisError, OSError, TimeoutError):
            self._away_until = time.monotonic() + self._rest
            AWAY.inc()
        raise Away

    async def close(self) -> None:
        """Give back the connections of the running loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def _client(self) -> Redis:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = self._clients[loop] = self._connect()
        return client
