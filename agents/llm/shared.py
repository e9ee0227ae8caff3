"""Redis as the memory that processes share, asked with bounded patience.

What is kept there is never the only copy of anything: whoever asks has an answer of their own for the time that it is away.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from agents.llm.commands import Commands

T = TypeVar("T")

AWAY = Counter("llm_shared_memory_away_total", "Questions to Redis that were answered from process memory instead.")


class Away(Exception):
    """Redis does not answer; decide from what this process knows."""


class _Desk:
    """One event loop's client, and the turns that its callers take: waiting for one is not waiting for Redis."""

    def __init__(self, client: Redis, at_once: int, keeper: AsyncGenerator[None], *, patience: float) -> None:
        self.client = client
        self.commands = Commands(client, patience=patience)
        self.turns = asyncio.Semaphore(at_once)
        self.keeper = keeper


class Script:
    """A program that Redis runs in one go; sent by its digest, and whole where Redis does not know it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, memory: SharedMemory, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """What it returns. Raises Away."""
        try:
            return await memory.command("EVALSHA", self._digest, len(keys), *keys, *arguments)
        except NoScriptError:
            return await memory.command("EVAL", self._text, len(keys), *keys, *arguments)


class SharedMemory:
    """Redis, reached from any event loop of this process: connections belong to the loop that made them.

    A question takes at most `patience` seconds. After a failure nobody asks Redis again for `rest` seconds. At most
    `at_once` questions are under way in one loop, each on a connection of its own.
    """

    def __init__(
        self, connect: Callable[[], Redis], *, patience: float = 0.5, rest: float = 1.0, at_once: int = 16
    ) -> None:
        self._connect = connect
        self._patience = patience
        self._rest = rest
        self._at_once = at_once
        self._away_until = 0.0
        self._desks: WeakKeyDictionary[asyncio.AbstractEventLoop, _Desk] = WeakKeyDictionary()

    async def ask(self, call: Callable[[Redis], Awaitable[T]]) -> T:
        """What `call` finds. Raises Away."""
        self._refuse_while_away()
        desk = await self._desk()
        async with desk.turns:
            self._refuse_while_away()
            try:
                async with asyncio.timeout(self._patience):
                    return await call(desk.client)
            except (RedisError, OSError, TimeoutError):
                self._away_until = time.monotonic() + self._rest
        AWAY.inc()
        raise Away

    async def command(self, *words: Any) -> Any:
        """The answer to one command, which goes out with those that others ask now. Raises Away, or NoScriptError."""
        self._refuse_while_away()
        desk = await self._desk()
        try:
            return await desk.commands.ask(*words)
        except NoScriptError:
            raise
        except (RedisError, OSError, TimeoutError):
            self._away_until = time.monotonic() + self._rest
        AWAY.inc()
        raise Away

    async def close(self) -> None:
        """Give back the connections of the running loop."""
        desk = self._desks.get(asyncio.get_running_loop())
        if desk is not None:
            await desk.keeper.aclose()

    def _refuse_while_away(self) -> None:
        if time.monotonic() < self._away_until:
            AWAY.inc()
            raise Away

    async def _desk(self) -> _Desk:
        loop = asyncio.get_running_loop()
        desk = self._desks.get(loop)
        if desk is None:
            client = self._connect()
            desk = self._desks[loop] = _Desk(client, self._at_once, self._keep(loop, client), patience=self._patience)
            await anext(desk.keeper)
        return desk

    async def _keep(self, loop: asyncio.AbstractEventLoop, client: Redis) -> AsyncGenerator[None]:
        """Holds the client until its loop ends, which closes whatever generator was begun on it."""
        try:
            yield
        finally:
            self._desks.pop(loop, None)
            await client.aclose()
