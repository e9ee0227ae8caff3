"""Identical calls that are under way at the same time share one answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from copy import copy
from typing import Any
from weakref import WeakKeyDictionary

from agents.llm.guards import CacheKey
from agents.llm.listening import Listener
from agents.llm.types import LLMError, ProviderUnreachable, Reply

Start = Callable[[Listener], Coroutine[None, None, Reply]]


class Flights:
    """What is being asked in this process, by event loop: a call never waits for one of another loop."""

    def __init__(self) -> None:
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[CacheKey, _Flight]] = WeakKeyDictionary()

    async def share(self, key: CacheKey, start: Start, *, deadline: float, listener: Listener) -> tuple[Reply, bool]:
        """The answer to `key`, and whether somebody else had asked for it. Raises what all who wait for it are told.

        The call belongs to all of them: it goes on when the first of them leaves, and ends with the last. One that ended
        only because its first caller was in a hurry is made again for the others.
        """
        while True:
            try:
                return await self._join(key, start, deadline=deadline, listener=listener)
            except _Hurried as hurried:
                if time.monotonic() >= deadline or not listener.may_be_told_anew():
                    raise hurried.failure from None

    async def _join(self, key: CacheKey, start: Start, *, deadline: float, listener: Listener) -> tuple[Reply, bool]:
        under_way = self._by_loop.setdefault(asyncio.get_running_loop(), {})
        flight = under_way.get(key)
        is_first = flight is None
        if flight is None:
            flight = under_way[key] = _Flight(start)
        try:
            return await flight.wait(listener, deadline=deadline), not is_first
        except LLMError as failure:
            if is_first:
                raise
            told = copy(failure)
        finally:
            if flight.is_over() and under_way.get(key) is flight:
                del under_way[key]
        raise _Hurried(told) if isinstance(told, ProviderUnreachable) and told.hurried else told


class _Hurried(Exception):
    """The call that one had joined ended at somebody else's early deadline."""

    def __init__(self, failure: ProviderUnreachable) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class _Flight:
    """One call, and everybody who waits for it."""

    def __init__(self, start: Start) -> None:
        self._audience = _Audience()
        self._task = asyncio.create_task(start(self._audience))

    def is_over(self) -> bool:
        return self._task.done() or not self._audience.seats

    async def wait(self, listener: Listener, *, deadline: float) -> Reply:
        seat = self._audience.enter(listener)
        try:
            left = max(0.0, deadline - time.monotonic())
            either: list[asyncio.Future[Any]] = [self._task, seat.thrown]
            await asyncio.wait(either, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._audience.leave(seat)
            if not self._audience.seats:
                self._task.cancel()
        if seat.thrown.done():
            raise seat.thrown.result()
        if not self._task.done():
            raise ProviderUnreachable("The answer was not complete before the deadline.")
        return self._task.result()


class _Seat:
    """One listener's place. `thrown` is what the listener raised: its own affair, not the others'."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.thrown: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    def hear(self, text: str) -> None:
        if self.thrown.done():
            return
        try:
            self.listener.hear(text)
        except Exception as error:  # noqa: BLE001 - raised again by whoever sits here
            self.thrown.set_result(error)


class _Audience(Listener):
    """All the ears of one call. Who comes late is told first what was said so far."""

    def __init__(self) -> None:
        super().__init__()
        self.seats: list[_Seat] = []
        self._said: list[str] = []

    def enter(self, listener: Listener) -> _Seat:
        seat = _Seat(listener)
        self.seats.append(seat)
        if self._said:
            listener.begin()
            seat.hear("".join(self._said))
        return seat

    def leave(self, seat: _Seat) -> None:
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
