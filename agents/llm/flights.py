"""Identical calls that are under way at the same time share one answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from copy import copy
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

from agents.llm.attempts import Trail
from agents.llm.guards import CacheKey
from agents.llm.listening import Listener
from agents.llm.types import LLMError, ProviderUnreachable, Reply, Usage

Start = Callable[[Listener, Trail], Coroutine[None, None, Reply]]
A_MOMENT = 0.01  # seconds by which a loop's timer may ring before its time


class Flights:
    """What is being asked in this process, by event loop: a call never waits for one of another loop."""

    def __init__(self) -> None:
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[CacheKey, _Flight]] = WeakKeyDictionary()

    async def share(self, key: CacheKey, start: Start, *, deadline: float, seat: Seat) -> Reply:
        """The answer to `key`. Raises what all who wait for it are told.

        The call belongs to all of them: it goes on when the first of them leaves, and ends with the last. Of those who are there at its
        end the first pays for it (`seat.pays`); who leaves as the last pays for what it took by then. One that ended only at its
        first caller's deadline is made again for the others.
        """
        while True:
            try:
                return await self._join(key, start, deadline=deadline, seat=seat)
            except _Hurried as hurried:
                if time.monotonic() >= deadline or not seat.listener.may_be_told_anew():
                    raise hurried.failure from None

    async def _join(self, key: CacheKey, start: Start, *, deadline: float, seat: Seat) -> Reply:
        under_way = self._by_loop.setdefault(asyncio.get_running_loop(), {})
        flight = under_way.get(key)
        is_first = flight is None or flight.is_over()
        if flight is None or is_first:
            flight = under_way[key] = _Flight(start, deadline)
        try:
            return await flight.wait(seat, deadline=deadline)
        except LLMError as failure:
            if is_first:
                raise
            told = copy(failure)
        finally:
            if flight.is_over() and under_way.get(key) is flight:
                del under_way[key]
        raise _Hurried(told) if flight.was_hurried(told) else told


class _Hurried(Exception):
    """The call that one had joined ended at somebody else's early deadline."""

    def __init__(self, failure: LLMError) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class Seat:
    """One listener's place. `thrown` is what the listener raised: its own affair, not the others'. `trail` gets the attempts where
    the one who sits here pays for them."""

    def __init__(self, listener: Listener, trail: Trail) -> None:
        self.listener = listener
        self.trail = trail
        self.pays = False
        self.thrown: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    def hear(self, text: str) -> None:
        if self.thrown.done():
            return
        try:
            self.listener.hear(text)
        except Exception as error:  # noqa: BLE001 - raised again by whoever sits here
            self.thrown.set_result(error)

    def pay(self, trail: Trail) -> None:
        self.pays = True
        self.trail.attempts.extend(trail.attempts)

    async def has_room(self, usage: Usage, cost: Decimal) -> bool:
        """Whether there is money for so much beside what this caller paid for before it sat down."""
        room = self.trail.room
        return room is None or await room(self.trail.usage() + usage, self.trail.cost() + cost)


class _Flight:
    """One call, and everybody who waits for it."""

    def __init__(self, start: Start, deadline: float) -> None:
        self._audience = _Audience()
        self._deadline = deadline
        self._trail = Trail(room=self._has_room)
        self._task = asyncio.create_task(start(self._audience, self._trail))
        self._task.add_done_callback(self._charge)  # the first to hear of its end

    def is_over(self) -> bool:
        return self._task.done() or bool(self._task.cancelling())

    def was_hurried(self, failure: LLMError) -> bool:
        """Whether it ended because its first caller had no more time."""
        if not isinstance(failure, ProviderUnreachable):
            return False
        return failure.hurried or time.monotonic() >= self._deadline - A_MOMENT

    async def wait(self, seat: Seat, *, deadline: float) -> Reply:
        self._audience.enter(seat)
        try:
            left = max(0.0, deadline - time.monotonic())
            either: list[asyncio.Future[Any]] = [self._task, seat.thrown]
            await asyncio.wait(either, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._leave(seat)
        if seat.thrown.done():
            raise seat.thrown.result()
        if self._task.cancelled() or not self._task.done():
            raise ProviderUnreachable("The answer was not complete before the deadline.")
        return self._task.result()

    async def _leave(self, seat: Seat) -> None:
        """The last one to go ends the call, and stays until it is known what it took."""
        try:
            if self._audience.seats == [seat] and not self._task.done():
                self._task.cancel()
                await asyncio.wait([self._task])
        finally:
            self._audience.leave(seat)

    def _charge(self, ended: asyncio.Task[Reply]) -> None:
        if not ended.cancelled():
            ended.exception()  # looked at, also where everybody has left
        if self._audience.seats:
            self._audience.seats[0].pay(self._trail)

    async def _has_room(self, usage: Usage, cost: Decimal) -> bool:
        """As far as whoever would pay for it now has."""
        return not self._audience.seats or await self._audience.seats[0].has_room(usage, cost)


class _Audience(Listener):
    """All the ears of one call. Who comes late is told first what was said so far."""

    def __init__(self) -> None:
        super().__init__()
        self.seats: list[Seat] = []
        self._said: list[str] = []

    def enter(self, seat: Seat) -> None:
        seat.pays = False
        self.seats.append(seat)
        if self._said:
            seat.listener.begin()
            seat.hear("".join(self._said))

    def leave(self, seat: Seat) -> None:
        self.seats.remove(seat)

    def may_be_told_anew(self) -> bool:
        return all(seat.listener.may_be_told_anew() for seat in self.seats)

    def begin(self) -> None:
        self._said.clear()
        for seat in self.seats:
            seat.listener.begin()

    def hear(self, text: str) -> None:
        self.has_heard = True
        self._said.append(text)
        for seat in list(self.seats):
            seat.hear(text)
