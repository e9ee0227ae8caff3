"""The cache of answers: layers, promotion, bounds, and what is forgotten when."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import redis as plain_redis
from redis.asyncio import Redis

from agents.llm.cache import LayeredCache, ProcessLayer, RedisLayer, pack, unpack
from agents.llm.guards import CacheKey
from agents.llm.shared import SharedMemory
from agents.llm.types import Attempt, Reply, ToolCall, Usage
from tests.servers.storage import Storage

KEY = CacheKey("t_acme", "gpt-4o", "v1", "d" * 64)
ANSWER = Reply(
    "18.4 MWh – “ok”",
    "openai",
    "gpt-4o-2024-08-06",
    Usage(120, 8, 20),
    tool_calls=(ToolCall("call_1", "search", {"query": "storage", "top": 3}),),
    finish_reason="tool_calls",
    cost=Decimal("0.01"),
    seconds=2.5,
    trail=(Attempt("openai", "gpt-4o", "ok", 2.5),),
)


@pytest.fixture
def redis(storage: Storage) -> plain_redis.Redis:
    client = plain_redis.Redis.from_url(storage.redis_url)
    client.flushall()
    return client


@pytest.fixture
async def memory(storage: Storage, redis: plain_redis.Redis) -> AsyncIterator[SharedMemory]:
    shared = SharedMemory(lambda: Redis.from_url(storage.redis_url), patience=60)
    yield shared
    await shared.close()
    redis.close()


def cache_of(*layers: ProcessLayer | RedisLayer, stamp: str = "1") -> LayeredCache:
    return LayeredCache(layers, stamp=lambda _: stamp)


async def test_an_answer_comes_back_as_it_was_said(memory: SharedMemory) -> None:
    cache = cache_of(RedisLayer(memory))
    assert await cache.get(KEY) is None
    await cache.put(KEY, ANSWER)
    found = await cache.get(KEY)
    assert found == replace(ANSWER, cached="redis", cost=Decimal(0), seconds=0.0, trail=())


async def test_what_a_slower_layer_had_goes_up(memory: SharedMemory) -> None:
    process, shared = ProcessLayer(), RedisLayer(memory)
    await cache_of(shared).put(KEY, ANSWER)
    cache = cache_of(process, shared)
    layers = [found.cached for found in [await cache.get(KEY) for _ in range(3)] if found]
    assert layers == ["redis", "process", "process"]


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, tenant="t_globex"),
        replace(KEY, model="gpt-4o-mini"),
        replace(KEY, prompt_version="v2"),
        replace(KEY, digest="e" * 64),
    ],
)
async def test_nobody_gets_the_answer_to_another_question(memory: SharedMemory, other: CacheKey) -> None:
    cache = cache_of(ProcessLayer(), RedisLayer(memory))
    await cache.put(KEY, ANSWER)
    assert await cache.get(other) is None


async def test_a_new_generation_forgets_the_former_one(memory: SharedMemory) -> None:
    process, shared = ProcessLayer(), RedisLayer(memory)
    await cache_of(process, shared, stamp="1").put(KEY, ANSWER)
    assert await cache_of(process, shared, stamp="2").get(KEY) is None
    assert await cache_of(process, shared, stamp="1").get(KEY) is not None


@pytest.mark.parametrize("finish", ["length", "content_filter"])
async def test_a_cut_answer_is_not_kept(finish: str) -> None:
    cache = cache_of(ProcessLayer())
    await cache.put(KEY, replace(ANSWER, finish_reason=finish))  # type: ignore[arg-type]
    assert await cache.get(KEY) is None


async def test_the_process_keeps_so_many_bytes_and_lets_the_longest_unused_go() -> None:
    layer = ProcessLayer(most_bytes=20_000)
    for number in range(10):
        await layer.put(str(number), b"x" * 1_750, model="m")
    await layer.get("0")
    assert layer.bytes == 20_000
    await layer.put("new", b"x" * 1_750, model="m")
    assert layer.bytes == 20_000
    assert [await layer.get(place) is not None for place in ("0", "1", "2", "new")] == [True, False, True, True]
    await layer.put("huge", b"x" * 3_000, model="m")
    assert await layer.get("huge") is None


async def test_an_answer_put_again_is_counted_once() -> None:
    layer = ProcessLayer()
    for size in (100, 500, 300):
        await layer.put("place", b"x" * size, model="m")
    assert layer.bytes == 550


async def test_the_process_forgets_after_its_time() -> None:
    now = [0.0]
    layer = ProcessLayer(seconds=300, clock=lambda: now[0])
    await layer.put("place", b"x", model="m")
    now[0] = 299.9
    assert await layer.get("place") == b"x"
    now[0] = 300.0
    assert await layer.get("place") is None
    assert layer.bytes == 0


async def test_redis_keeps_it_for_a_time_within_a_size(memory: SharedMemory, redis: plain_redis.Redis) -> None:
    layer = RedisLayer(memory, seconds=60, most_bytes=1_000)
    await layer.put("small", b"x" * 1_000, model="m")
    await layer.put("large", b"x" * 1_001, model="m")
    assert redis.keys("*") == [b"llm:answer:small"]
    assert 30 <= redis.ttl("llm:answer:small") <= 60


async def test_no_address_and_no_key_is_kept(memory: SharedMemory, redis: plain_redis.Redis) -> None:
    await cache_of(RedisLayer(memory)).put(KEY, ANSWER)
    [key] = redis.keys("*")
    assert b"acme" not in key
    content = redis.get(key)
    assert isinstance(content, bytes)
    assert b"trail" not in content
    assert b"http" not in content


async def test_a_redis_that_is_away_knows_nothing(tmp_path: Path) -> None:
    away = SharedMemory(lambda: Redis.from_url(f"unix://{tmp_path}/nobody.sock"))
    cache = cache_of(ProcessLayer(), RedisLayer(away))
    await cache.put(KEY, ANSWER)
    found = await cache.get(KEY)
    assert found is not None
    assert found.cached == "process"
    assert await cache.get(replace(KEY, tenant="t_globex")) is None
    await away.close()


NO_ANSWERS = [b"", b"{", b"[]", b'{"form": 2}', b'{"form": 1}', b"\xff\xfe", b"null", b"[" * 100_000]
GOOD = {"form": 1, "text": "a", "provider": "p", "model": "m", "finish": "stop", "usage": [1, 1, 0], "calls": []}
WRONG: list[dict[str, object]] = [
    {"text": 5}, {"model": None}, {"finish": "length"}, {"usage": ["1", 1, 0]}, {"calls": [["1", "look", [1]]]}, {"calls": [[1, "look", {}]]},
]  # fmt: skip


@pytest.mark.parametrize("content", NO_ANSWERS + [json.dumps(GOOD | wrong).encode() for wrong in WRONG])
async def test_what_is_no_answer_is_a_miss(content: bytes) -> None:
    layer = ProcessLayer()
    cache = cache_of(layer)
    await layer.put(cache.place_of(KEY), content, model="m")
    assert await cache.get(KEY) is None


def test_half_a_character_survives() -> None:
    odd = replace(ANSWER, text="\ud83d half", cached="process")
    found = unpack(pack(odd), cached="process")
    assert found is not None
    assert found.text == "\ud83d half"


async def test_many_at_once(memory: SharedMemory) -> None:
    cache = cache_of(ProcessLayer(), RedisLayer(memory))
    keys = [replace(KEY, digest=f"{number:064}") for number in range(50)]
    await asyncio.gather(*(cache.put(key, replace(ANSWER, text=key.digest)) for key in keys))
    found = await asyncio.gather(*(cache.get(key) for key in keys))
    assert [reply.text for reply in found if reply] == [key.digest for key in keys]
