"""The breaker that a gateway asks: Redis decides for all processes, this process alone while Redis is away."""

from __future__ import annotations

import asyncio
import random
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, cast

from prometheus_client import Gauge

from agents.llm.breaker.circuits import Circuits, circuits_of
from agents.llm.breaker.local import LocalCircuits
from agents.llm.breaker.remote import Ended, RemoteCircuits
from agents.llm.breaker.rules import Rules, State, Verdict
from agents.llm.breaker.turns import Turns
from agents.llm.guards import Outcome, Permit, Scope
from agents.llm.shared import Away, SharedMemory
from agents.llm.types import CircuitOpen, Target

STATE = Gauge(
    "circuit_breaker_state",
    "0 closed, 1 half-open, 2 open, of the operator's and the public back ends; the last that a process saw.",
    ["provider"],
    multiprocess_mode="livemostrecent",
)
_FIGURES: Final = {"closed": 0, "held": 0, "half_open": 1, "open": 2}
BELIEVED = 1_000  # ms for which a refusal is repeated without asking Redis again
ASKS_AGAIN = 0.05  # seconds between two questions of a caller that is held
LONGEST_TOLD = 1_000_000.0  # seconds that a Retry-After may ask for; the rules bound what comes of it
HELD_AT_MOST = 10_000  # ms for which a caller waits while others find out whether a back end that failed last is well


class _Refused(NamedTuple):
    believed_until: int
    open_until: int


class CircuitBreaker:
    """Fulfils `agents.llm.guards.Breaker` for every target that this process calls, from any of its event loops.

    Without `memory` it knows only what this process meets. `clock` counts milliseconds and never runs backwards.
    """

    def __init__(
        self,
        memory: SharedMemory | None,
        *,
        rules: Rules | None = None,
        clock: Callable[[], int] | None = None,
        remote: RemoteCircuits | None = None,
    ) -> None:
        rules = rules or Rules()
        self._clock = clock or _monotonic
        self._local = LocalCircuits(rules)
        self._remote = remote or (RemoteCircuits(memory, rules) if memory else None)
        self._rules = rules
        self._refused: dict[str, _Refused] = {}
        self._lock = threading.Lock()
        self._turns = Turns()

    async def allow(self, target: Target) -> Permit:
        """Leave for one attempt. Raises CircuitOpen."""
        circuits = circuits_of(target)
        now = self._clock()
        self._refuse_if_known(target, circuits, now)
        token = secrets.token_hex(8)
        verdicts = await self._enter(circuits, token)
        if _is_held(verdicts):
            verdicts = await self._wait(target, circuits, token, now)
        _show(target, max(_FIGURES[verdict.state] for verdict in verdicts))
        wait = max(verdict.until for verdict in verdicts)
        if any(verdict.state == "open" for verdict in verdicts):
            raise _circuit_open(target, wait)
        marks = "".join(mark for mark, verdict in zip("ec", verdicts, strict=True) if verdict.probe)
        trials = "".join(mark for mark, verdict in zip("EC", verdicts, strict=True) if verdict.trial)
        return Permit(target, f"{marks}:{token}" if marks else "", f"{trials}:{token}" if trials else "")

    async def record(
        self, permit: Permit, outcome: Outcome, *, scope: Scope = "endpoint", retry_after: float | None = None
    ) -> None:
        """How the attempt went; see `agents.llm.guards.Breaker`."""
        circuits = circuits_of(permit.target)
        ended = _ended(circuits, permit, outcome, scope, retry_after)
        chance = random.random()  # noqa: S311 - jitter, not a secret
        try:
            if self._remote is None:
                raise Away
            opened = await self._remote.note(ended, chance)
        except Away:
            opened = self._note_here(ended, chance)
        if any(opened):
            _show(permit.target, _FIGURES["open"])

    async def state_of(self, target: Target) -> tuple[State, float]:
        """The worse of the target's two circuits, and the seconds until it is tried again."""
        circuits = circuits_of(target)
        try:
            if self._remote is None:
                raise Away
            verdicts = await self._remote.look(circuits)
        except Away:
            verdicts = self._from_now(self._local.look(circuits, self._clock()))
        worst = max(verdicts, key=lambda verdict: _FIGURES[verdict.state])
        return cast("State", worst.state), worst.until / 1000

    async def _wait(self, target: Target, circuits: Circuits, token: str, began: int) -> list[Verdict]:
        """Until some of those that try it have ended; of one process's callers one asks at a time."""
        async with self._turns.of(circuits.credential):
            while (held := self._clock() - began) < HELD_AT_MOST:
                self._refuse_if_known(target, circuits, self._clock())
                verdicts = await self._enter(circuits, token, waited=held >= self._rules.trial)
                if not _is_held(verdicts):
                    return verdicts
                await asyncio.sleep(ASKS_AGAIN)
        raise _circuit_open(target, self._rules.look_again)

    async def _enter(self, circuits: Circuits, token: str, *, waited: bool = False) -> list[Verdict]:
        """Verdicts with `until` in milliseconds from now."""
        try:
            if self._remote is None:
                raise Away
            verdicts = await self._remote.enter(circuits, token, waited=waited)
        except Away:
            return self._enter_here(circuits, token, waited=waited)
        now = self._clock()
        with self._lock:
            for name, verdict in zip(circuits, verdicts, strict=True):
                self._refused.pop(name, None)
                if verdict.state == "open":
                    self._refused[name] = _Refused(now + min(BELIEVED, verdict.until), now + verdict.until)
        return verdicts

    def _enter_here(self, circuits: Circuits, token: str, *, waited: bool) -> list[Verdict]:
        now = self._clock()
        with self._lock:
            known = [(name, self._refused.pop(name)) for name in circuits if name in self._refused]
        for name, refused in known:
            if refused.open_until > now:
                self._local.hold_open(name, now, refused.open_until)
        return self._from_now(self._local.enter(circuits, now, token, waited=waited))

    def _from_now(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        now = self._clock()
        return [verdict._replace(until=max(0, verdict.until - now)) for verdict in verdicts]

    def _note_here(self, ended: Sequence[Ended], chance: float) -> list[bool]:
        now = self._clock()
        return [
            self._local.note(
                each.name, now, each.outcome, probe=each.probe, told=each.told, chance=chance, trial=each.trial
            )
            for each in ended
        ]

    def _refuse_if_known(self, target: Target, circuits: Circuits, now: int) -> None:
        with self._lock:
            known = [self._refused[name] for name in circuits if name in self._refused]
        waits = [refused.open_until - now for refused in known if refused.believed_until > now]
        if waits:
            raise _circuit_open(target, max(waits))


def _is_held(verdicts: Sequence[Verdict]) -> bool:
    """Whether the call waits for others; an open circuit refuses it all the same."""
    states = {verdict.state for verdict in verdicts}
    return "held" in states and "open" not in states


def _ended(
    circuits: Circuits, permit: Permit, outcome: Outcome, scope: Scope, retry_after: float | None
) -> tuple[Ended, Ended]:
    """A success proves both circuits; a failure is held against the one that it is about."""
    marks, _, token = permit.probe.partition(":")
    trials, _, trial = permit.trial.partition(":")
    told = int(min(max(retry_after or 0, 0), LONGEST_TOLD) * 1000) if outcome == "fail" else 0
    about_endpoint = outcome if outcome != "fail" or scope == "endpoint" else "ignore"
    about_credential = outcome if outcome != "fail" or scope == "credential" else "ignore"
    return (
        Ended(circuits.endpoint, about_endpoint, token if "e" in marks else "", told if scope == "endpoint" else 0, trial if "E" in trials else ""),
        Ended(circuits.credential, about_credential, token if "c" in marks else "", told if scope == "credential" else 0, trial if "C" in trials else ""),
    )  # fmt: skip


def _show(target: Target, figure: int) -> None:
    if target.public or not target.tenant:  # what a workspace's own server does is not the operator's alarm
        STATE.labels(target.provider).set(figure)


def _circuit_open(target: Target, milliseconds: int) -> CircuitOpen:
    seconds = milliseconds / 1000
    return CircuitOpen(
        f"{target.provider} has failed too often of late and is left alone for {max(1, round(seconds))} s.",
        provider=target.provider,
        retry_after=seconds,
    )


def _monotonic() -> int:
    return int(time.monotonic() * 1000)
