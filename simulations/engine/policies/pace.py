"""How many calls may be under way at once: as many as the other side bears."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

MOST_IN_FLIGHT = 50
UNPROVEN = 10
_AFTER_REFUSAL, _AFTER_TIMEOUT, _AFTER_ANSWER = 0.5, 0.9, 0.5


class Pace:
    """Additive increase, multiplicative decrease (Chiu & Jain 1989), at most `most` calls.

    Until the first answer has come only a few are let through: a server that is dead is asked no more often than that;
    one that answered somebody a moment ago is `proven` already. Those who wait are served in order.
    """

    def __init__(self, most: int = MOST_IN_FLIGHT, *, proven: bool = False) -> None:
        self.most = most
        self.in_flight = 0
        self.highest = 0
        self._limit = float(most if proven else min(UNPROVEN, most))
        self._proven = proven
        self._started = 0
        self._cut_at = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def limit(self) -> int:
        return max(int(self._limit), 1)

    async def __aenter__(self) -> Self:
        if self.in_flight >= self.limit or self._waiting:
            await self._wait()
        else:
            self.in_flight += 1
        self._started += 1
        self.highest = max(self.highest, self.in_flight)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.in_flight -= 1
        self._admit()

    def answered(self) -> None:
        """It bears what it has: a little more."""
        self._limit = min(self._limit + _AFTER_ANSWER, self.most) if self._proven else float(self.most)
        self._proven = True

    def failed(self) -> None:
        """Before the first answer nobody takes the place of a call that failed: so many are made, and no more."""
        if not self._proven:
            self._limit -= 1

    def refused(self) -> None:
        """It said that this is too much: half."""
        self._cut(_AFTER_REFUSAL)

    def timed_out(self) -> None:
        """It may be that this is too much: a little less."""
        self._cut(_AFTER_TIMEOUT)

    def _cut(self, share: float) -> None:
        """Once for all calls that were under way together."""
        if self._started > self._cut_at:
            self._limit = max(self._limit * share, 1.0)
            self._cut_at = self._started + self.in_flight if share == _AFTER_REFUSAL else self._started

    async def _wait(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def _leave(self, turn: asyncio.Future[None]) -> None:
        """Give the place on if it was given just now; who left while waiting is passed over in `_admit`."""
        if turn.done() and not turn.cancelled():
            self.in_flight -= 1
            self._admit()

    def _admit(self) -> None:
        while self._waiting and self.in_flight < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)
