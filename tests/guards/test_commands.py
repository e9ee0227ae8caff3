"""Commands to Redis that go out together."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import ResponseError

from agents.llm.commands import MOST, Commands
from tests.servers.storage import Storage


async def test_each_gets_its_own_answer_and_a_refusal_is_one_callers_own(storage: Storage) -> None:
    async with Redis.from_url(storage.redis_url) as client:
        commands = Commands(client, patience=60)
        asked = [commands.ask("ECHO", str(number)) for number in range(2 * MOST + 1)]
        refused = commands.ask("EVALSHA", "0" * 40, 0)
        *answers, refusal = await asyncio.gather(*asked, refused, return_exceptions=True)
    assert answers == [str(number).encode() for number in range(2 * MOST + 1)]
    assert isinstance(refusal, ResponseError)


async def test_who_leaves_disturbs_nobody(storage: Storage) -> None:
    async with Redis.from_url(storage.redis_url) as client:
        commands = Commands(client, patience=60)
        leaving, staying = (asyncio.create_task(commands.ask("ECHO", word)) for word in ("a", "b"))
        await asyncio.sleep(0)
        leaving.cancel()
        assert await staying == b"b"
        assert await commands.ask("ECHO", "c") == b"c"
    assert leaving.cancelled()


async def test_a_silent_server_is_waited_for_no_longer_than_patience(storage: Storage) -> None:
    async with Redis.from_url(storage.redis_url) as client:
        commands = Commands(client, patience=0.1)
        with pytest.raises(TimeoutError):
            await commands.ask("BLPOP", "nobody.pushes.here", 0)
        commands = Commands(client, patience=60)
        assert await commands.ask("ECHO", "d") == b"d"  # and not the answer to what was given up


async def test_no_server(tmp_path: Path) -> None:
    async with Redis.from_url(f"unix://{tmp_path}/nobody.sock") as client:
        with pytest.raises(NoConnection):
            await Commands(client, patience=60).ask("PING")
