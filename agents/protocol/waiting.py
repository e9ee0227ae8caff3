"""What waits in an inbox: the most urgent first, the oldest first within one priority, and never more than there is room for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, Self, TypeVar

from agents.protocol.messages import HIGHEST, LOWEST
from agents.protocol.terms import Terms

T = TypeVar("T")
_URGENT_FIRST = tuple(range(HIGHEST, LOWEST - 1, -1))
_URGENT_LAST = _URGENT_FIRST[::-1]


class Waiting(Generic[T]):
    """A queue for each priority that occurs."""

    __slots__ = ("_bands", "_count")

    def __init__(self, bands: dict[int, deque[T]] | None = None) -> None:
        self._bands: dict[int, deque[T]] = bands or {}
        self._count = sum(map(len, bands.values())) if bands else 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        """In the order in which they are taken."""
        for priority in sorted(self._bands, reverse=True):
            yield from self._bands[priority]

    def items(self) -> list[T]:
        """The same as a list."""
        if len(self._bands) == 1:
            return list(*self._bands.values())
        return list(self)

    def admit(self, item: T, priority: int, terms: Terms) -> T | None:
        """Take it in, and return what finds no place: the item itself where a full inbox refuses, else the oldest of the least urgent."""
        if self._count < terms.capacity:
            self.put(item, priority)
            return None
        if terms.overflow == "refuse":
            return item
        self.put(item, priority)
        return self._pop(_URGENT_LAST)

    def put(self, item: T, priority: int) -> None:
        band = self._bands.get(priority)
        if band is None:
            band = self._bands[priority] = deque()
        band.append(item)
        self._count += 1

    def put_first(self, item: T, priority: int) -> None:
        self._bands.setdefault(priority, deque()).appendleft(item)
        self._count += 1

    def pop(self) -> T | None:
        """The oldest of the most urgent."""
        return self._pop(_URGENT_FIRST)

    def weed(self, dead: Callable[[T], bool]) -> list[T]:
        """Take out all that are dead, in their order."""
        out = [item for item in self if dead(item)]
        if out:
            self._bands = {
                priority: deque(item for item in band if not dead(item)) for priority, band in self._bands.items()
            }
            self._count -= len(out)
        return out

    def copy(self) -> Self:
        """The same items in a queue of its own."""
        return type(self)({priority: band.copy() for priority, band in self._bands.items()})

    def _pop(self, order: tuple[int, ...]) -> T | None:
        if self._count:
            for priority in order:
                if band := self._bands.get(priority):
                    self._count -= 1
                    return band.popleft()
        return None
