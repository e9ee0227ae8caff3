"""The circuits in Redis and in memory do what a plain model says, whatever happens in whatever order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from redis.asyncio import Redis

from agents.llm.breaker.local import LocalCircuits
from agents.llm.breaker.remote import Ended, RemoteCircuits
from agents.llm.breaker.rules import Rules, Verdict
from agents.llm.guards import Outcome
from agents.llm.shared import SharedMemory
from tests.servers.storage import Storage

BEGAN = 1_763_730_000_000
NAMES = ("place", "credential")


@dataclass
class Model:
    """One circuit, told the slow way: it remembers every call that counted and counts them anew each time."""

    seen: list[tuple[int, str]] = field(default_factory=list)
    opened_until: int | None = None
    openings: int = 0
    successes: int = 0
    holder: tuple[str, int] | None = None

    def state(self, now: int) -> str:
        if self.opened_until is None:
            return "closed"
        if now < self.opened_until or (self.holder and now < self.holder[1]):
            return "open"
        return "half_open"

    def end(self, now: int, outcome: str, token: str, told: int) -> None:
        mine = bool(token) and self.holder is not None and self.holder[0] == token
        is_closed = self.opened_until is None
        if is_closed and bool(token) == mine:
            self.holder = None
            self.count(now, outcome, told)
        elif not is_closed and mine:
            self.holder = None
            self.prove(now, outcome, told)
        elif self.opened_until is not None and told:
            self.opened_until = max(self.opened_until, now + min(told, 600_000))

    def count(self, now: int, outcome: str, told: int) -> None:
        if outcome != "ignore":
            self.seen.append((now, outcome))
        if outcome == "fail" and (told or self.is_bad(now)):
            self.open(now, told)

    def prove(self, now: int, outcome: str, told: int) -> None:
        if outcome == "fail":
            self.open(now, told)
        self.successes += outcome == "ok"
        if self.successes == 2:
            self.opened_until, self.openings, self.successes = None, 0, 0

    def is_bad(self, now: int) -> bool:
        newest = now // 5_000
        recent = [outcome for at, outcome in self.seen if newest - at // 5_000 < 12]
        run = [outcome for _, outcome in self.seen][-5:]
        return (len(recent) >= 10 and recent.count("fail") * 2 >= len(recent)) or run == ["fail"] * 5

    def open(self, now: int, told: int) -> None:
        if not told:
            self.openings += 1
        self.opened_until = now + (min(told, 600_000) if told else min(60_000, 5_000 * 2 ** (self.openings - 1)))
        self.seen, self.successes, self.holder = [], 0, None


class Circuits(RuleBasedStateMachine):
    """Calls begin and end, time passes; after each step all three agree. A jitter of one half means none."""

    memory: SharedMemory
    runner: asyncio.Runner

    @initialize()
    def begin(self) -> None:
        self.now, self.number = BEGAN, 0
        rules = Rules(forget=10**10)  # Redis forgets by its own clock, which does not travel
        self.models = {name: Model() for name in NAMES}
        self.local = LocalCircuits(rules)
        self.remote = RemoteCircuits(self.memory, rules, clock=lambda: self.now)
        self.under_way: list[tuple[str, ...]] = []
        self.runner.run(self.memory.ask(lambda client: client.delete(*NAMES)))

    @rule(milliseconds=st.sampled_from([1, 400, 4_999, 5_000, 5_001, 10_000, 29_999, 31_000, 65_000]))
    def time_passes(self, milliseconds: int) -> None:
        self.now += milliseconds

    @rule()
    def call(self) -> None:
        self.number += 1
        token = f"call-{self.number}"
        states = [self.models[name].state(self.now) for name in NAMES]
        in_memory = self.local.enter(NAMES, self.now, token)
        in_redis = self.runner.run(self.remote.enter(NAMES, token))
        assert [verdict.state for verdict in in_memory] == [verdict.state for verdict in in_redis] == states
        assert [self.ahead(verdict) for verdict in in_memory] == [verdict.until for verdict in in_redis]
        if "open" in states:
            return
        for name, state in zip(NAMES, states, strict=True):
            if state == "half_open":
                self.models[name].holder = (token, self.now + 30_000)
        self.under_way.append(tuple(verdict.probe for verdict in in_redis))

    @rule(
        which=st.integers(0, 50),
        outcomes=st.tuples(*[st.sampled_from(["ok", "fail", "fail", "ignore"])] * 2),
        told=st.sampled_from([0, 0, 0, 700, 7_000, 3_600_000]),
    )
    def end(self, which: int, outcomes: tuple[Outcome, Outcome], told: int) -> None:
        if not self.under_way:
            return
        probes = self.under_way.pop(which % len(self.under_way))
        ended = [
            Ended(name, outcome, probe, told if outcome == "fail" else 0)
            for name, outcome, probe in zip(NAMES, outcomes, probes, strict=True)
        ]
        in_redis = self.runner.run(self.remote.note(ended, 0.5))
        in_memory = [
            self.local.note(e.name, self.now, e.outcome, probe=e.probe, told=e.told, chance=0.5) for e in ended
        ]
        for each in ended:
            self.models[each.name].end(self.now, each.outcome, each.probe, each.told)
        assert in_memory == in_redis
        looks = self.runner.run(self.remote.look(NAMES))
        assert [verdict.state for verdict in looks] == [self.models[name].state(self.now) for name in NAMES]

    @rule(outcomes=st.lists(st.sampled_from(["ok", "fail", "fail"]), min_size=3, max_size=12))
    def burst(self, outcomes: list[Outcome]) -> None:
        """Calls of one kind after the other, so that circuits open more often than by single steps."""
        for outcome in outcomes:
            self.call()
            if self.under_way:
                self.end(len(self.under_way) - 1, (outcome, "ok"), 0)

    def ahead(self, verdict: Verdict) -> int:
        return max(0, verdict.until - self.now) if verdict.until else 0


@pytest.fixture
def memory(storage: Storage) -> Iterator[tuple[SharedMemory, asyncio.Runner]]:
    shared = SharedMemory(lambda: Redis.from_url(storage.redis_url), patience=5)
    with asyncio.Runner() as runner:
        yield shared, runner
        runner.run(shared.close())


def test_redis_and_memory_agree_with_the_model(memory: tuple[SharedMemory, asyncio.Runner]) -> None:
    Circuits.memory, Circuits.runner = memory
    run_state_machine_as_test(
        Circuits,
        settings=settings(
            max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
