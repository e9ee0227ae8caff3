"""Our own limits per credential: across processes, in memory while Redis is away, and waiting within the deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis as plain_redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from agents.llm.ratelimits import Allowance, LocalWindows, RateLimiter, Window, account_of
from agents.llm.shared import SharedMemory
from agents.llm.types import RateLimited, Target
from tests.servers.storage import Storage

OURS = Target("openai", "https://api.openai.com/v1", "gpt-4o", "abc123", "t_acme")
BEGAN = 1_763_730_000_000


@pytest.fixture
async def memory(storage: Storage) -> AsyncIterator[SharedMemory]:
    with plain_redis.Redis.from_url(storage.redis_url) as client:
        client.flushall()
    shared = SharedMemory(lambda: Redis.from_url(storage.redis_url), patience=60)
    yield shared
    await shared.close()


def limiter(memory: SharedMemory | None, now: list[int], **allowed: int) -> RateLimiter:
    return RateLimiter(memory, {account_of(OURS): Allowance(**allowed)}, clock=lambda: now[0])


async def take(limits: RateLimiter, tokens: int = 10, target: Target = OURS) -> float:
    """0 where there is room at once, else the seconds that the refusal names."""
    try:
        await limits.acquire(target, tokens=tokens, deadline=time.monotonic())
    except RateLimited as refused:
        return refused.retry_after or -1.0
    return 0.0


@pytest.mark.parametrize("where", ["redis", "process"])
async def test_a_minute_holds_so_many_requests_and_no_more(memory: SharedMemory, where: str) -> None:
    now = [BEGAN]
    limits = limiter(memory if where == "redis" else None, now, requests=3)
    assert [await take(limits) for _ in range(4)] == [0, 0, 0, 61.0]
    now[0] += 20_000
    assert await take(limits) == 41.0
    now[0] += 41_000
    assert [await take(limits) for _ in range(4)] == [0, 0, 0, 61.0]


@pytest.mark.parametrize("where", ["redis", "process"])
async def test_a_minute_holds_so_many_tokens(memory: SharedMemory, where: str) -> None:
    now = [BEGAN]
    limits = limiter(memory if where == "redis" else None, now, tokens=1_000)
    assert await take(limits, 600) == 0
    now[0] += 10_000
    assert await take(limits, 300) == 0
    assert [await take(limits, tokens) for tokens in (100, 101)] == [0, 51.0]
    assert await take(limits, 900) == 61.0  # needs both to be forgotten


async def test_a_call_larger_than_the_limit_waits_for_an_empty_minute(memory: SharedMemory) -> None:
    now = [BEGAN]
    limits = limiter(memory, now, tokens=1_000)
    assert await take(limits, 50_000) == 0
    assert await take(limits, 1) == 61.0


async def test_who_has_no_limit_is_not_counted(memory: SharedMemory, storage: Storage) -> None:
    limits = limiter(memory, [BEGAN], requests=1)
    other = Target("openai", "https://api.openai.com/v1", "gpt-4o", "abc123", "t_globex")
    assert [await take(limits, target=other) for _ in range(3)] == [0, 0, 0]
    assert await take(limits) == 0


async def test_it_waits_when_the_deadline_allows_and_says_so_when_not(memory: SharedMemory) -> None:
    now = [BEGAN]
    limits = limiter(memory, now, requests=1)
    assert await take(limits) == 0
    now[0] += 60_800
    began = time.monotonic()

    async def time_passes() -> None:
        await asyncio.sleep(0.1)
        now[0] += 300

    passing = asyncio.create_task(time_passes())
    await limits.acquire(OURS, tokens=1, deadline=time.monotonic() + 120)
    await passing
    assert time.monotonic() - began >= 0.2
    with pytest.raises(RateLimited) as refused:
        await limits.acquire(OURS, tokens=1, deadline=time.monotonic() + 5)
    assert refused.value.detail == (
        "The limit that is set for openai is used up (1 request a minute); there is room in 61 s."
    )


async def test_without_redis_this_process_counts(tmp_path: Path) -> None:
    memory = SharedMemory(lambda: Redis.from_url(f"unix://{tmp_path}/nobody.sock"))
    limits = limiter(memory, [BEGAN], requests=2)
    assert [await take(limits) for _ in range(3)] == [0, 0, 61.0]
    await memory.close()


async def test_two_limiters_share_one_minute(memory: SharedMemory, storage: Storage) -> None:
    other = SharedMemory(lambda: Redis.from_url(storage.redis_url), patience=60)
    now = [BEGAN]
    limits = [limiter(each, now, requests=5) for each in (memory, other)]
    found = await asyncio.gather(*(take(limits[number % 2]) for number in range(20)))
    assert sorted(found) == [0.0] * 5 + [61.0] * 15
    await other.close()


async def test_the_window_is_forgotten_by_itself(memory: SharedMemory, storage: Storage) -> None:
    await take(limiter(memory, [BEGAN], requests=5))
    with plain_redis.Redis.from_url(storage.redis_url) as client:
        [key] = client.keys("llm:rate:*")
        assert 30_000 < client.pttl(key) <= 62_000
        assert b"api.openai.com" not in key


calls = st.lists(st.tuples(st.integers(0, 25_000), st.integers(1, 400)), max_size=40)


@given(calls)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_minute_ever_holds_more_than_allowed(steps: list[tuple[int, int]]) -> None:
    window, allowed, now = Window(), Allowance(requests=4, tokens=700), BEGAN
    taken: list[tuple[int, int]] = []
    for pause, tokens in steps:
        now += pause
        wait = window.take(allowed, tokens, now)
        if wait:
            assert Window(dict(window.spent)).take(allowed, tokens, now + wait - 1) > 0
            assert Window(dict(window.spent)).take(allowed, tokens, now + wait) == 0
        else:
            taken.append((now, tokens))
        minute = [(at, used) for at, used in taken if now - at < 60_000]
        assert len(minute) <= 4
        assert sum(used for _, used in minute) <= 700


@given(calls)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_redis_and_memory_agree(storage: Storage, steps: list[tuple[int, int]]) -> None:
    async def compare() -> None:
        memory = SharedMemory(lambda: Redis.from_url(storage.redis_url), patience=60)
        await memory.ask(lambda client: client.delete(f"llm:rate:{account_of(OURS)}"))
        now, windows = [BEGAN], LocalWindows()
        there, allowed = limiter(memory, now, requests=4, tokens=700), Allowance(requests=4, tokens=700)
        for pause, tokens in steps:
            now[0] += pause
            here = windows.take(account_of(OURS), allowed, tokens, now[0])
            assert await there._take(account_of(OURS), allowed, tokens) == here
        await memory.close()

    asyncio.run(compare())
