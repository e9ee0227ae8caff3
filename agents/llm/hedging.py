"""Asking a second back end when the first one is slow; off unless the operator wants it, because both are paid for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from agents.llm.listening import Listener
from agents.llm.types import Reply

Ask = Callable[[Listener], Coroutine[None, None, Reply]]


@dataclass(frozen=True, slots=True)
class Hedging:
    """When to ask a second one: after `after` seconds, or, where that is None, after the first one's usual longest.

    That is the 95th percentile of its last 100 answers, once there were `least` of them, and never less than `soonest`.
    """

    after: float | None = None
    soonest: float = 1.0
    least: int = 20


@dataclass(slots=True)
class Pace:
    """How long a back end's last answers took, in seconds."""

    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=100))

    def patience(self, hedging: Hedging) -> float | None:
        """Seconds after which to ask another; None while too little is known."""
        if hedging.after is not None:
            return hedging.after
        if len(self.seconds) < hedging.least:
            return None
        return max(hedging.soonest, sorted(self.seconds)[int(0.95 * len(self.seconds))])


async def race(first: Ask, second: Ask, *, after: float, listener: Listener) -> Reply:
    """The answer of whoever is first: to finish, or to say a word aloud. The other is cancelled.

    `second` is asked after `after` seconds of silence, or at once where `first` fails before. Raises what `first` raised
    where both failed.
    """
    floor = _Floor(listener)
    runners = [floor.start(first)]
    try:
        await floor.wait([runners[0].task], timeout=after)
        if not floor.taken.done() and not _has_answered(runners[0].task):
            runners.append(floor.start(second))
        return await _first_of(runners, floor)
    finally:
        await _stop([runner.task for runner in runners])


async def _first_of(runners: list[_Runner], floor: _Floor) -> Reply:
    left = {runner.task for runner in runners}
    while left and not floor.taken.done():
        await floor.wait(left)
        if answered := next((task for task in left if _has_answered(task)), None):
            return answered.result()
        left = {task for task in left if not task.done()}
    return await (floor.taken.result() if floor.taken.done() else runners[0]).task


def _has_answered(task: asyncio.Task[Reply]) -> bool:
    return task.done() and task.exception() is None


async def _stop(tasks: list[asyncio.Task[Reply]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class _Floor:
    """Only one speaks at a time: the first to say a word."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.taken: asyncio.Future[_Runner] = asyncio.get_running_loop().create_future()

    async def wait(self, tasks: Iterable[asyncio.Task[Reply]], *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncio.wait's
        """Until one of `tasks` is done or somebody speaks."""
        either: list[asyncio.Future[Any]] = [*tasks, self.taken]
        await asyncio.wait(either, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)

    def start(self, ask: Ask) -> _Runner:
        runner = _Runner(self)
        runner.task = asyncio.create_task(ask(runner))
        return runner


class _Runner(Listener):
    """One of the two, and what it says."""

    task: asyncio.Task[Reply]

    def __init__(self, floor: _Floor) -> None:
        super().__init__()
        self._floor = floor

    def _speaks(self) -> bool:
        taken = self._floor.taken
        return taken.done() and taken.result() is self

    def may_be_told_anew(self) -> bool:
        return not self._speaks() or self._floor.listener.may_be_told_anew()

    def begin(self) -> None:
        if self._speaks():
            self._floor.listener.begin()

    def hear(self, text: str) -> None:
        if not self._floor.taken.done():
            self._floor.taken.set_result(self)
            self._floor.listener.begin()
        if self._speaks():
            self._floor.listener.hear(text)
