"""The shared circuit breaker: between real processes, real servers and a Redis that goes away."""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis as plain_redis
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from agents.llm.breaker import CircuitBreaker, Rules, circuits_of
from agents.llm.breaker.local import LocalCircuits
from agents.llm.breaker.remote import RemoteCircuits
from agents.llm.shared import AWAY, SharedMemory
from agents.llm.types import CircuitOpen, Target
from tests.guards.fleet import Fleet
from tests.servers.llm import FakeLLM, Fault, Say
from tests.servers.storage import Storage

BEGAN = 1_763_730_000_000
RULES = Rules(jitter=0.0)
AFLOAT = Rules(shortest=1_500, jitter=0.0, probe=4_000, look_again=200)
PUBLIC = {"provider": "openai", "base_url": "https://api.openai.com/v1", "model": "gpt-4o", "public": True}


def target(**other: Any) -> Target:
    return Target(**{**PUBLIC, **other})


@pytest.fixture(scope="module")
def fleet(storage: Storage) -> Iterator[Fleet]:
    """Sixteen processes; started once, because Python takes a while."""
    with Fleet(16, storage.redis_url, AFLOAT) as fleet:
        yield fleet


@pytest.fixture
def redis(storage: Storage) -> Iterator[plain_redis.Redis]:
    with plain_redis.Redis.from_url(storage.redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture
async def memory(storage: Storage, redis: plain_redis.Redis) -> AsyncIterator[SharedMemory]:
    shared = SharedMemory(lambda: Redis.from_url(storage.redis_url), patience=60, rest=0.2)
    yield shared
    await shared.close()


@pytest.fixture
def now() -> list[int]:
    """The time in milliseconds, of this process and of Redis; it passes when a test says so."""
    return [BEGAN]


@pytest.fixture
def breaker(memory: SharedMemory, now: list[int]) -> CircuitBreaker:
    return breaker_at(memory, now)


def breaker_at(memory: SharedMemory, now: list[int], rules: Rules = RULES) -> CircuitBreaker:
    remote = RemoteCircuits(memory, rules, clock=lambda: now[0])
    return CircuitBreaker(memory, rules=rules, clock=lambda: now[0], remote=remote)


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


@pytest.fixture(scope="module")
def times() -> Iterator[int]:
    return itertools.count(BEGAN, 3_600_000)


@pytest.fixture
def at_sea(times: Iterator[int]) -> list[int]:
    """The time of the fleet and of `ashore`; later than in the test before, as the fleet remembers."""
    return [next(times)]


@pytest.fixture
def ashore(memory: SharedMemory, at_sea: list[int]) -> CircuitBreaker:
    """This process's own breaker, by the clock of the fleet."""
    return breaker_at(memory, at_sea, AFLOAT)


async def test_sixteen_processes_let_one_probe_through(fleet: Fleet, ashore: CircuitBreaker, at_sea: list[int]) -> None:
    await fail(ashore, target())
    order: dict[str, Any] = {"deed": "enter", "target": PUBLIC}
    at_sea[0] += 1_499
    assert [found["passed"] for found in fleet.all(**order, now=at_sea[0])] == [False] * 16
    at_sea[0] += 1

    for _ in range(2):  # one success is not enough: the next is again a single probe
        found = fleet.all(**order, now=at_sea[0])
        assert sum(each["passed"] for each in found) == 1
        prober = next(each["number"] for each in found if each["passed"])
        fleet.some([prober], deed="leave", target=PUBLIC, outcome="ok", now=at_sea[0])
        at_sea[0] += 200  # others believe for that long that a probe is out
    assert [each["passed"] for each in fleet.all(**order, now=at_sea[0])] == [True] * 16


async def test_a_dead_provider_is_called_five_times_by_all_together(
    fleet: Fleet, ashore: CircuitBreaker, at_sea: list[int]
) -> None:
    with FakeLLM(lambda _: Fault(status=500)) as server:
        order = {"deed": "call", "target": PUBLIC, "port": urlsplit(server.url).port}
        found = [fleet.some([number], times=1, pause=0, now=at_sea[0], **order)[0] for number in range(16)]
        assert [each["passed"] for each in found] == [1] * 5 + [0] * 11
        assert len(server.ledger()) == 5


async def test_of_a_rush_eight_calls_reach_a_dead_provider(
    fleet: Fleet, ashore: CircuitBreaker, at_sea: list[int]
) -> None:
    """Sixteen in the same instant: eight may try what nobody has proved, and their failures open it for all."""
    with FakeLLM(lambda _: Fault(status=500)) as server:
        port = urlsplit(server.url).port
        found = fleet.all(deed="call", target=PUBLIC, port=port, times=6, pause=0, now=at_sea[0])
        calls = len(server.ledger())
    assert 5 <= calls == sum(each["passed"] for each in found) <= 8
    assert calls + sum(each["refused"] for each in found) == 16 * 6


async def test_after_one_failure_fewer_may_try_and_the_others_hear_of_it(
    fleet: Fleet, ashore: CircuitBreaker, at_sea: list[int]
) -> None:
    """It was well until just now: the first failure is seen by one, and of the rush after it seven calls reach it at most."""
    other: dict[str, Any] = {**PUBLIC, "model": "well-until-now"}
    await ashore.record(await ashore.allow(Target(**other)), "ok")
    await fail(ashore, Target(**other), times=1)
    with FakeLLM(lambda _: Fault(status=500)) as server:
        found = fleet.all(deed="call", target=other, port=urlsplit(server.url).port, times=2, pause=0, now=at_sea[0])
        assert 4 <= sum(each["passed"] for each in found) == len(server.ledger()) <= 7


async def test_a_rush_on_a_healthy_provider_passes_with_the_first_answer(
    fleet: Fleet, ashore: CircuitBreaker, at_sea: list[int]
) -> None:
    with FakeLLM(lambda _: Say("Well.")) as server:
        found = fleet.all(
            deed="call",
            target={**PUBLIC, "model": "well"},
            port=urlsplit(server.url).port,
            times=6,
            pause=0,
            now=at_sea[0],
        )
        assert [each["passed"] for each in found] == [6] * 16


async def test_who_waits_for_a_slow_first_answer_waits_no_longer_than_a_trial(
    breaker: CircuitBreaker, now: list[int]
) -> None:
    for _ in range(8):
        await breaker.allow(target())
    waiting = [asyncio.create_task(breaker.allow(target())) for _ in range(100)]
    await asyncio.sleep(0)  # all of them look at the clock
    now[0] += 399
    await asyncio.sleep(0.2)
    assert not any(task.done() for task in waiting)
    now[0] += 1
    assert len(await asyncio.gather(*waiting)) == 100


async def test_one_answer_lets_everybody_go_at_once(ashore: CircuitBreaker, redis: plain_redis.Redis) -> None:
    """What has answered costs a call as many questions to Redis as ever: one before and one after."""
    await ashore.record(await ashore.allow(target()), "ok")
    before = redis.info("commandstats")["cmdstat_evalsha"]["calls"]
    permits = await asyncio.gather(*(ashore.allow(target()) for _ in range(100)))
    await asyncio.gather(*(ashore.record(permit, "ok") for permit in permits))
    assert redis.info("commandstats")["cmdstat_evalsha"]["calls"] - before == 200


async def test_a_call_that_died_on_trial_makes_room(breaker: CircuitBreaker, now: list[int]) -> None:
    await fail(breaker, target(), times=1)
    for _ in range(7):
        await breaker.allow(target())
    waiting = asyncio.create_task(breaker.allow(target()))
    await asyncio.sleep(0.15)
    assert not waiting.done()
    now[0] += 5_001
    assert (await waiting).trial


async def test_nobody_is_held_for_ever(memory: SharedMemory, now: list[int]) -> None:
    breaker = breaker_at(memory, now, Rules(trial_failing=60_000))
    await fail(breaker, target(), times=1)
    for _ in range(7):
        await breaker.allow(target())
    waiting = asyncio.create_task(breaker.allow(target()))
    await asyncio.sleep(0.12)
    now[0] += 10_000
    with pytest.raises(CircuitOpen):
        await waiting


async def test_a_prober_that_dies_gives_way(fleet: Fleet, ashore: CircuitBreaker, at_sea: list[int]) -> None:
    await fail(ashore, target())
    at_sea[0] += 1_500
    order: dict[str, Any] = {"deed": "enter", "target": PUBLIC}
    prober = next(each["number"] for each in fleet.all(**order, now=at_sea[0]) if each["passed"])
    fleet.sink(prober)
    at_sea[0] += 3_999
    assert [each["passed"] for each in fleet.all(**order, now=at_sea[0])] == [False] * 15
    at_sea[0] += 1
    assert sum(each["passed"] for each in fleet.all(**order, now=at_sea[0])) == 1


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


async def test_a_retry_after_opens_it_exactly_that_long(breaker: CircuitBreaker, now: list[int]) -> None:
    await fail(breaker, target(credential="a"), times=1, scope="credential", retry_after=7.0)
    with pytest.raises(CircuitOpen) as refused:
        await breaker.allow(target(credential="a"))
    assert refused.value.retry_after == 7.0
    assert refused.value.detail == "openai has failed too often of late and is left alone for 7 s."
    now[0] += 6_999
    assert (await breaker.state_of(target(credential="a")))[0] == "open"
    now[0] += 1
    assert (await breaker.state_of(target(credential="a")))[0] == "half_open"


@pytest.mark.parametrize(("told", "seconds"), [(3600.0, 600.0), (1e12, 600.0), (-5.0, None), (0.0, None)])
async def test_an_absurd_retry_after_is_capped_or_ignored(
    breaker: CircuitBreaker, told: float, seconds: float | None
) -> None:
    await fail(breaker, target(), times=1, scope="credential", retry_after=told)
    state, wait = await breaker.state_of(target())
    assert (state, wait) == (("open", seconds) if seconds else ("closed", 0.0))


async def test_it_stays_away_longer_each_time_and_a_minute_at_most(breaker: CircuitBreaker, now: list[int]) -> None:
    await fail(breaker, target())
    waits = []
    for _ in range(6):
        waits.append((await breaker.state_of(target()))[1])
        now[0] += int(waits[-1] * 1000)
        await fail(breaker, target(), times=1)
    assert waits == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]
    assert [Rules().open_time(1, chance) for chance in (0.0, 0.5, 1.0)] == [4000, 5000, 6000]


async def test_two_successes_close_it_and_the_count_begins_anew(breaker: CircuitBreaker, now: list[int]) -> None:
    await fail(breaker, target())
    now[0] += 5_000
    for expected in ("half_open", "closed"):
        await breaker.record(await breaker.allow(target()), "ok")
        assert (await breaker.state_of(target()))[0] == expected
    await fail(breaker, target(), times=4)
    assert not await is_open(breaker, target())
    await fail(breaker, target(), times=1)
    assert await breaker.state_of(target()) == ("open", 5.0)


async def test_what_began_before_it_opened_does_not_close_it(breaker: CircuitBreaker, now: list[int]) -> None:
    early = [await breaker.allow(target()) for _ in range(3)]
    await fail(breaker, target())
    now[0] += 5_000
    for permit in early:
        await breaker.record(permit, "ok")
    assert (await breaker.state_of(target()))[0] == "half_open"


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


async def test_flushall_closes_and_it_opens_anew(
    breaker: CircuitBreaker, redis: plain_redis.Redis, now: list[int]
) -> None:
    await fail(breaker, target())
    redis.flushall()
    now[0] += 1_000  # this process believes what it knew until then
    assert not await is_open(breaker, target())
    await fail(breaker, target())
    assert await is_open(breaker, target())


async def test_a_flushall_under_a_probe_does_no_harm(
    breaker: CircuitBreaker, redis: plain_redis.Redis, now: list[int]
) -> None:
    await fail(breaker, target())
    now[0] += 5_000
    probe = await breaker.allow(target())
    assert probe.probe
    redis.flushall()
    await breaker.record(probe, "fail")
    assert await breaker.state_of(target()) == ("closed", 0.0)


def away(tmp_path: Path) -> SharedMemory:
    return SharedMemory(lambda: Redis.from_url(f"unix://{tmp_path}/nobody.sock"), rest=0.2)


async def test_without_redis_this_process_decides_alone(tmp_path: Path, now: list[int]) -> None:
    memory = away(tmp_path)
    breaker, counted = breaker_at(memory, now), AWAY._value.get()
    healthy = target(model="other")
    await fail(breaker, target())
    assert (await is_open(breaker, target()), await is_open(breaker, healthy)) == (True, False)
    now[0] += 5_000
    probe = await breaker.allow(target())
    assert probe.probe
    assert await is_open(breaker, target())  # a single probe here as well
    await breaker.record(probe, "ok")
    await breaker.record(await breaker.allow(target()), "ok")
    assert await breaker.state_of(target()) == ("closed", 0.0)
    assert AWAY._value.get() > counted
    await memory.close()


async def test_waiting_for_a_redis_that_is_away_costs_little(tmp_path: Path) -> None:
    breaker = CircuitBreaker(away(tmp_path))
    began = time.monotonic()
    for _ in range(200):
        await breaker.record(await breaker.allow(target()), "ok")
    assert time.monotonic() - began < 60


async def test_what_was_open_stays_open_while_redis_is_away(
    storage: Storage, redis: plain_redis.Redis, now: list[int]
) -> None:
    urls = [storage.redis_url]
    memory = SharedMemory(lambda: Redis.from_url(urls[0]), patience=60, rest=0.0)
    breaker = breaker_at(memory, now)
    await fail(breaker, target())
    assert await is_open(breaker, target())
    await memory.close()
    urls[0] = "unix:///nowhere/redis.sock"
    for passed, still_open in ((1_500, True), (3_400, True), (200, False)):
        now[0] += passed
        assert await is_open(breaker, target()) == still_open
    await memory.close()


async def test_the_operator_sees_the_state_of_what_is_shared(breaker: CircuitBreaker) -> None:
    def shown(provider: str) -> float | None:
        return REGISTRY.get_sample_value("circuit_breaker_state", {"provider": provider})

    await fail(breaker, target(provider="gemini"))
    await fail(breaker, target(provider="own", base_url="https://models.example", tenant="t_acme", public=False))
    assert (shown("gemini"), shown("own")) == (2.0, None)


# --- one process ---------------------------------------------------------------------------------------------------


async def test_an_open_circuit_is_asked_for_once_a_second(breaker: CircuitBreaker, redis: plain_redis.Redis) -> None:
    await fail(breaker, target())
    await is_open(breaker, target())
    before = redis.info("commandstats")["cmdstat_evalsha"]["calls"]
    assert [await is_open(breaker, target()) for _ in range(50)] == [True] * 50
    assert redis.info("commandstats")["cmdstat_evalsha"]["calls"] == before


async def test_a_thousand_targets_need_no_more_memory_than_allowed() -> None:
    circuits = LocalCircuits(RULES)
    for number in range(6_000):
        circuits.enter([f"circuit-{number}"], number, "token")
    assert len(circuits._circuits) == 4096


async def test_of_a_hundred_calls_at_once_one_is_the_probe(breaker: CircuitBreaker, now: list[int]) -> None:
    async def call() -> int:
        try:
            permit = await breaker.allow(target())
        except CircuitOpen:
            return 0
        await asyncio.sleep(0.01)
        await breaker.record(permit, "fail")
        return 1

    await fail(breaker, target())
    now[0] += 5_000
    assert sum(await asyncio.gather(*(call() for _ in range(100)))) == 1


async def test_two_thousand_at_once_wait_their_turn_and_redis_is_not_called_away(ashore: CircuitBreaker) -> None:
    await ashore.record(await ashore.allow(target()), "ok")
    before = AWAY._value.get()
    permits = await asyncio.gather(*(ashore.allow(target()) for _ in range(2_000)))
    assert (len(permits), AWAY._value.get()) == (2_000, before)


async def test_a_redis_that_hangs_is_waited_for_once(now: list[int]) -> None:
    """A door that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"redis://127.0.0.1:{door.getsockname()[1]}/0"
        memory = SharedMemory(lambda: Redis.from_url(url), patience=0.3, rest=600)
        breaker = breaker_at(memory, now)
        await fail(breaker, target())
        assert await is_open(breaker, target())
        await memory.close()
        door.setblocking(False)
        door.accept()[0].close()
        with pytest.raises(BlockingIOError):
            door.accept()
