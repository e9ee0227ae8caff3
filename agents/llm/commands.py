"""Commands to Redis that go out together: while answers are awaited the next questions gather."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

MOST = 64  # in one go
Words = tuple[Any, ...]


class Commands:
    """Of one event loop. A command that the server turns down fails alone; where the server does not answer all fail."""

    def __init__(self, client: Redis, *, patience: float) -> None:
        self._pool = client.connection_pool
        self._patience = patience
        self._waiting: list[tuple[Words, asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, *words: Any) -> Any:
        """The answer to one command. Raises RedisError, OSError, or TimeoutError after `patience` seconds."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((words, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        """Until nobody waits. Who leaves meanwhile is not waited for, and no one else is disturbed."""
        try:
            while self._waiting:
                asked, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                found = await self._together([words for words, _ in asked])
                for (_, answer), each in zip(asked, found, strict=True):
                    _tell(answer, each)
        finally:
            self._task = None
            for _, answer in self._waiting:
                answer.cancel()  # the loop ends

    async def _together(self, commands: Sequence[Words]) -> Sequence[Any]:
        try:
            async with asyncio.timeout(self._patience):
                return await self._exchanged(commands)
        except (RedisError, OSError, TimeoutError) as failure:
            return [failure] * len(commands)

    async def _exchanged(self, commands: Sequence[Words]) -> list[Any]:
        connection = await self._pool.get_connection()  # type: ignore[no-untyped-call]  # as redis declares it
        try:
            found: list[Any] = await connection.retry.call_with_retry(
                partial(_exchange, connection, commands), lambda _: connection.disconnect()
            )
        except BaseException:  # raised again: answers may still come that nobody will read
            await connection.disconnect(nowait=True)
            raise
        finally:
            await self._pool.release(connection)
        return found


async def _exchange(connection: AbstractConnection, commands: Sequence[Words]) -> list[Any]:
    await connection.send_packed_command(connection.pack_commands(commands))
    return [await _answer(connection) for _ in commands]


async def _answer(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as refusal:
        return refusal


def _tell(answer: asyncio.Future[Any], found: Any) -> None:
    if answer.done():
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
