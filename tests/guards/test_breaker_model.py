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
    trying: dict[str, int] = field(default_factory=dict)

    def state(self, now: int) -> str:
        if self.opened_until is None:
            return "closed"
        if now < self.opened_until or (self.holder and now < self.holder[1]):
            return "open"
        return "half_open"

    def leave(self, now: int, *, waited: bool) -> str:
        state, failed = self.state(now), self.failed_last()
        if state != "closed" or self.is_proved(now) or (waited and not failed):
            return state
        out = [until for until in self.trying.values() if until > now]
        return "closed" if len(out) < max(1, 8 - failed) else "held"

    def take(self, now: int, token: str) -> None:
        if self.state(now) == "half_open":
            self.holder = (token, now + 30_000)
        elif not self.is_proved(now):
            self.trying[token] = now + (5_000 if self.failed_last() else 400)

    def failed_last(self) -> int:
        """How many of the latest calls failed, one after the other."""
        outcomes = [outcome for _, outcome in self.seen]
        return next((n for n, outcome in enumerate(reversed(outcomes)) if outcome == "ok"), len(outcomes))

    def is_proved(self, now: int) -> bool:
        recent = [outcome for at, outcome in self.seen if now // 5_000 - at // 5_000 < 12]
        return "ok" in recent and not self.failed_last()

    def end(self, now: int, outcome: str, token: str, told: int, trial: str) -> None:
        self.trying.pop(trial, None)
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
            self.seen = [(now, "ok")]

    def is_bad(self, now: int) -> bool:
        newest = now // 5_000
        recent = [outcome for at, outcome in self.seen if newest - at // 5_000 < 12]
        run = [outcome for _, outcome in self.seen][-5:]
        return (len(recent) >= 10 and recent.count("fail") * 2 >= len(recent)) or run == ["fail"] * 5

    def open(self, now: int, told: int) -> None:
        if not told:
            self.openings += 1
        self.opened_until = now + (min(told, 600_000) if told else min(60_000, 5_000 * 2 ** (self.openings - 1)))
        self.seen, self.successes, self.holder, self.trying = [], 0, None, {}


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
        self.under_way: list[tuple[Verdict, ...]] = []
        self.runner.run(self.memory.ask(lambda client: client.delete(*NAMES)))

    @rule(milliseconds=st.sampled_from([1, 400, 4_999, 5_000, 5_001, 10_000, 29_999, 31_000, 65_000]))
    def time_passes(self, milliseconds: int) -> None:
        self.now += milliseconds

    @rule(waited=st.booleans())
    def call(self, waited: bool = False) -> None:
        self.number += 1
        token = f"call-{self.number}"
        states = [self.models[name].leave(self.now, waited=waited) for name in NAMES]
        in_memory = self.local.enter(NAMES, self.now, token, waited=waited)
        in_redis = self.runner.run(self.remote.enter(NAMES, token, waited=waited))
        assert [verdict.state for verdict in in_memory] == [verdict.state for verdict in in_redis] == states
        assert [self.ahead(verdict) for verdict in in_memory] == [verdict.until for verdict in in_redis]
        if {"open", "held"} & set(states):
            return
        for name in NAMES:
            self.models[name].take(self.now, token)
        self.under_way.append(tuple(in_redis))

    @rule()
    def rush(self) -> None:
        """More at once than may try what nobody has proved."""
        for _ in range(9):
            self.call()

    @rule(
        which=st.integers(0, 50),
        outcomes=st.tuples(*[st.sampled_from(["ok", "fail", "fail", "ignore"])] * 2),
        told=st.sampled_from([0, 0, 0, 700, 7_000, 3_600_000]),
    )
    def end(self, which: int, outcomes: tuple[Outcome, Outcome], told: int) -> None:
        if not self.under_way:
            return
        left = self.under_way.pop(which % len(self.under_way))
        ended = [
            Ended(name, outcome, verdict.probe, told if outcome == "fail" else 0, verdict.trial)
            for name, outcome, verdict in zip(NAMES, outcomes, left, strict=True)
        ]
        in_redis = self.runner.run(self.remote.note(ended, 0.5))
        in_memory = [
            self.local.note(e.name, self.now, e.outcome, probe=e.probe, told=e.told, chance=0.5, trial=e.trial)
            for e in ended
        ]
        for each in ended:
            self.models[each.name].end(self.now, each.outcome, each.probe, each.told, each.trial)
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
    shared = SharedMemory(lambda: Redis.from_url(storage.redis_url), patience=60)
    with asyncio.Runner() as runner:
        yield shared, runner
        runner.run(shared.close())


def test_redis_and_memory_agree_with_the_model(memory: tuple[SharedMemory, asyncio.Runner]) -> None:
    Circuits.memory, Circuits.runner = memory
    run_state_machine_as_test(
        Circuits,
        settings=settings(max_examples=25, stateful_step_count=40, suppress_health_check=list(HealthCheck)),
    )
