"""When things are due: a clock of our own, which gives the same order in every process."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

Due = tuple[float, int]


class EventClock:
    """Agents and the times at which each acts next. Of those due at the same time the one with the lower row goes first.

    It holds no state of its own: the times are a column of the state, from which `wind` builds it again.
    """

    def __init__(self, due: Iterable[Due] = ()) -> None:
        self._queue = list(due)
        heapq.heapify(self._queue)

    def wind(self, due: Iterable[Due]) -> None:
        """Forget everything and begin with these."""
        self._queue = list(due)
        heapq.heapify(self._queue)

    def add(self, time: float, row: int) -> None:
        heapq.heappush(self._queue, (time, row))

    def pop(self, until: float) -> Due | None:
        """The next (time, row) due at `until` or before, if there is one."""
        if self._queue and self._queue[0][0] <= until:
            return heapq.heappop(self._queue)
        return None

    def __len__(self) -> int:
        return len(self._queue)
