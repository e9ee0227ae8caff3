"""The shared circuit breaker: between real processes, real servers and a Redis that goes away."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis as plain_redis
from redis.asyncio import Redis

from agents.llm.breaker import CircuitBreaker, Rules, circuits_of
from agents.llm.breaker.local import LocalCircuits
from agents.llm.shared import AWAY, SharedMemory
from agents.llm.types import CircuitOpen, Target
from tests.guards.fleet import Fleet
from tests.servers.llm import FakeLLM, Fault
from tests.servers.storage import Storage

QUICK = Rules(shortest=400, longest=2_000, jitter=0.0, probe=700, look_again=200)
PUBLIC = {"provider": "openai", "base_url": "https://api.openai.com/v1", "model": "gpt-4o", "public": True}


def target(**other: Any) -> Target:
    return Target(**{**PUBLIC, **other})


@pytest.fixture(scope="module")
def fleet(storage: Storage) -> Iterator[Fleet]:
    """Sixteen processes; started once, because Python takes a while."""
    with Fleet(16, storage.redis_url, QUICK) as fleet:
        yield fleet


@pytest.fixture
def redis(storage: Storage) -> Iterator[plain_redis.Redis]:
    with plain_redis.Redis.from_url(storage.redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture
async def memory(storage: Storage, redis: plain_redis.Redis) -> AsyncIterator[SharedMemory]:
    shared = SharedMemory(lambda: Redis.from_url(storage.redis_url), rest=0.2)
    yield shared
    await shared.close()


@pytest.fixture
def breaker(memory: SharedMemory) -> CircuitBreaker:
    return CircuitBreaker(memory, rules=QUICK)


async def fail(breaker: CircuitBreaker, at: Target, times: int = 5, **how: Any) -> None:
    for _ in range(times):
        await breaker.record(await breaker.allow(at), "fail", **how)


async def is_open(breaker: CircuitBreaker, at: Target) -> bool:
    try:
        permit = await breaker.allow(at)
    except CircuitOpen:
        return True
    await breaker.record(permit, "ignore")
    return False


# --- between processes ---------------------------------------------------------------------------------------------


async def test_sixteen_processes_let_one_probe_through(fleet: Fleet, breaker: CircuitBreaker) -> None:
    await fail(breaker, target())
    order: dict[str, Any] = {"deed": "enter", "target": PUBLIC}
    assert [found["passed"] for found in fleet.all(**order)] == [False] * 16
    await asyncio.sleep(0.45)

    for _ in range(2):  # one success is not enough: the next is again a single probe
        found = fleet.all(**order)
        assert sum(each["passed"] for each in found) == 1
        prober = next(each["number"] for each in found if each["passed"])
        fleet.some([prober], deed="leave", target=PUBLIC, outcome="ok")
        await asyncio.sleep(0.25)  # others believe for that long that a probe is out
    assert [each["passed"] for each in fleet.all(**order)] == [True] * 16


async def test_a_dead_provider_is_called_ten_times_at_most(fleet: Fleet, breaker: CircuitBreaker) -> None:
    with FakeLLM(lambda _: Fault(status=500)) as server:
        port = urlsplit(server.url).port
        found = fleet.all(deed="call", target=PUBLIC, port=port, times=6, pause=0.12)
        calls = len(server.ledger())
    opened_again = [each["passed"] for each in found]
    assert 5 <= calls == sum(opened_again) <= 10
    assert calls + sum(each["refused"] for each in found) == 16 * 6


async def test_a_prober_that_dies_gives_way(fleet: Fleet, breaker: CircuitBreaker) -> None:
    await fail(breaker, target())
    await asyncio.sleep(0.45)
    order: dict[str, Any] = {"deed": "enter", "target": PUBLIC}
    prober = next(each["number"] for each in fleet.all(**order) if each["passed"])
    os.kill(fleet.crew[prober].pid, signal.SIGKILL)
    fleet.crew[prober].wait()
    assert [each["passed"] for each in fleet.all(**order)] == [False] * 15
    await asyncio.sleep(0.75)
    assert sum(each["passed"] for each in fleet.all(**order)) == 1


# --- when it opens and closes --------------------------------------------------------------------------------------


async def test_half_of_the_calls_failing_opens_it_at_the_tenth(breaker: CircuitBreaker) -> None:
    for number in range(10):
        assert not await is_open(breaker, target())
        await breaker.record(await breaker.allow(target()), "fail" if number % 2 else "ok")
    assert await is_open(breaker, target())


async def test_a_provider_that_fails_now_and_then_stays_open_for_calls(breaker: CircuitBreaker) -> None:
    for number in range(40):
        await breaker.record(await breaker.allow(target()), "ok" if number % 5 else "fail")
    assert not await is_open(breaker, target())


async def test_a_retry_after_opens_it_exactly_that_long(memory: SharedMemory) -> None:
    breaker = CircuitBreaker(memory, rules=Rules())
    await fail(breaker, target(credential="a"), times=1, scope="credential", retry_after=7.0)
    with pytest.raises(CircuitOpen) as refused:
        await breaker.allow(target(credential="a"))
    assert refused.value.retry_after == pytest.approx(7.0, abs=0.2)
    assert refused.value.detail == "openai has failed too often of late and is left alone for 7 s."


@pytest.mark.parametrize(("told", "seconds"), [(3600.0, 600.0), (1e12, 600.0), (-5.0, None), (0.0, None)])
async def test_an_absurd_retry_after_is_capped_or_ignored(
    memory: SharedMemory, told: float, seconds: float | None
) -> None:
    breaker = CircuitBreaker(memory, rules=Rules())
    await fail(breaker, target(), times=1, scope="credential", retry_after=told)
    state, wait = await breaker.state_of(target())
    assert (state, wait) == (("open", pytest.approx(seconds, abs=0.5)) if seconds else ("closed", 0.0))


async def test_it_stays_away_longer_each_time_and_a_minute_at_most(memory: SharedMemory) -> None:
    rules = Rules(shortest=40, longest=100, jitter=0.0, look_again=1)
    breaker = CircuitBreaker(memory, rules=rules)
    await fail(breaker, target())
    waits = []
    for _ in range(4):
        waits.append((await breaker.state_of(target()))[1])
        await asyncio.sleep(waits[-1] + 0.02)
        await fail(breaker, target(), times=1)
    assert waits == [pytest.approx(seconds, abs=0.015) for seconds in (0.04, 0.08, 0.1, 0.1)]
    assert [Rules().open_time(trips, 0.5) for trips in (1, 2, 3, 4, 5, 9)] == [5000, 10000, 20000, 40000, 60000, 60000]
    assert (Rules().open_time(1, 0.0), Rules().open_time(1, 1.0)) == (4000, 6000)


async def test_what_says_nothing_of_the_target_opens_nothing(breaker: CircuitBreaker) -> None:
    for _ in range(20):
        await breaker.record(await breaker.allow(target()), "ignore")
    assert await breaker.state_of(target()) == ("closed", 0.0)


async def test_every_key_has_a_time_to_live(breaker: CircuitBreaker, redis: plain_redis.Redis) -> None:
    await fail(breaker, target(tenant="t_acme", public=False))
    await fail(breaker, target(credential="a"), times=3, scope="credential")
    keys = redis.keys("*")
    assert len(keys) == 2
    assert all(100_000 < redis.pttl(key) <= 130_000 for key in keys)


# --- whose circuit -------------------------------------------------------------------------------------------------


async def test_a_bad_key_of_one_workspace_leaves_the_others_alone(breaker: CircuitBreaker) -> None:
    acme, globex = target(tenant="t_acme", credential="bad"), target(tenant="t_globex", credential="good")
    await fail(breaker, acme, scope="credential")
    assert (await is_open(breaker, acme), await is_open(breaker, globex)) == (True, False)


async def test_a_public_provider_that_is_down_is_down_for_everybody(breaker: CircuitBreaker) -> None:
    await fail(breaker, target(tenant="t_acme", credential="a"))
    assert await is_open(breaker, target(tenant="t_globex", credential="b"))
    assert await is_open(breaker, target())


async def test_an_address_of_a_workspaces_own_is_its_own_matter(breaker: CircuitBreaker) -> None:
    own = {"base_url": "https://models.example/v1", "public": False}
    for scope in ("endpoint", "credential"):
        same = {**own, "credential": "same", "model": f"about the {scope}"}
        await fail(breaker, target(tenant="t_acme", **same), scope=scope)
        assert await is_open(breaker, target(tenant="t_acme", **same))
        assert not await is_open(breaker, target(tenant="t_globex", **same))
        assert not await is_open(breaker, target(**same))


async def test_names_of_circuits_hold_no_address(breaker: CircuitBreaker) -> None:
    named = circuits_of(target(base_url="https://user:secret@models.example/v1", tenant="t_acme", public=False))
    assert "secret" not in "".join(named)
    assert named.endpoint != named.credential


# --- Redis goes away -----------------------------------------------------------------------------------------------


async def test_flushall_closes_and_it_opens_anew(breaker: CircuitBreaker, redis: plain_redis.Redis) -> None:
    await fail(breaker, target())
    redis.flushall()
    await asyncio.sleep(0.45)  # this process believes what it knew until then
    assert not await is_open(breaker, target())
    await fail(breaker, target())
    assert await is_open(breaker, target())


async def test_a_flushall_under_a_probe_does_no_harm(breaker: CircuitBreaker, redis: plain_redis.Redis) -> None:
    await fail(breaker, target())
    await asyncio.sleep(0.45)
    probe = await breaker.allow(target())
    assert probe.probe
    redis.flushall()
    await breaker.record(probe, "fail")
    assert await breaker.state_of(target()) == ("closed", 0.0)


def away(tmp_path: Path) -> SharedMemory:
    return SharedMemory(lambda: Redis.from_url(f"unix://{tmp_path}/nobody.sock"), rest=0.2)


async def test_without_redis_this_process_decides_alone(tmp_path: Path) -> None:
    memory = away(tmp_path)
    breaker, counted = CircuitBreaker(memory, rules=QUICK), AWAY._value.get()
    healthy = target(model="other")
    await fail(breaker, target())
    assert (await is_open(breaker, target()), await is_open(breaker, healthy)) == (True, False)
    await asyncio.sleep(0.45)
    probe = await breaker.allow(target())
    assert probe.probe
    assert await is_open(breaker, target())  # a single probe here as well
    await breaker.record(probe, "ok")
    await breaker.record(await breaker.allow(target()), "ok")
    assert await breaker.state_of(target()) == ("closed", 0.0)
    assert AWAY._value.get() > counted
    await memory.close()


async def test_waiting_for_a_redis_that_is_away_costs_little(tmp_path: Path) -> None:
    breaker = CircuitBreaker(away(tmp_path), rules=QUICK)
    began = time.monotonic()
    for _ in range(200):
        await breaker.record(await breaker.allow(target()), "ok")
    assert time.monotonic() - began < 0.5


async def test_what_was_open_stays_open_while_redis_is_away(storage: Storage, redis: plain_redis.Redis) -> None:
    urls = [storage.redis_url]
    memory = SharedMemory(lambda: Redis.from_url(urls[0]), rest=0.2)
    breaker = CircuitBreaker(memory, rules=Rules(shortest=3_000, jitter=0.0))
    await fail(breaker, target())
    assert await is_open(breaker, target())
    await memory.close()
    urls[0] = "unix:///nowhere/redis.sock"
    await asyncio.sleep(1.05)  # a refusal is believed for a second; then Redis would be asked
    assert await is_open(breaker, target())
    await memory.close()


# --- one process ---------------------------------------------------------------------------------------------------


async def test_an_open_circuit_is_asked_for_once_a_second(breaker: CircuitBreaker, redis: plain_redis.Redis) -> None:
    await fail(breaker, target())
    await is_open(breaker, target())
    before = redis.info("commandstats")["cmdstat_evalsha"]["calls"]
    assert [await is_open(breaker, target()) for _ in range(50)] == [True] * 50
    assert redis.info("commandstats")["cmdstat_evalsha"]["calls"] == before


async def test_a_thousand_targets_need_no_more_memory_than_allowed() -> None:
    circuits = LocalCircuits(QUICK)
    for number in range(6_000):
        circuits.enter([f"circuit-{number}"], number, "token")
    assert len(circuits._circuits) == 4096


async def test_random_outcomes_from_concurrent_calls_leave_one_probe(breaker: CircuitBreaker) -> None:
    luck = random.Random(7)

    async def call() -> int:
        await asyncio.sleep(luck.uniform(0, 0.05))
        try:
            permit = await breaker.allow(target())
        except CircuitOpen:
            return 0
        await asyncio.sleep(luck.uniform(0, 0.01))
        await breaker.record(permit, "fail")
        return 1

    await fail(breaker, target())
    await asyncio.sleep(0.45)
    assert sum(await asyncio.gather(*(call() for _ in range(100)))) == 1
