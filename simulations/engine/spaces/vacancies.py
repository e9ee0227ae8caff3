"""Which sites are empty, so that the k-th of them is found without looking at all."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
FEW = 20_000


class Vacancies(Protocol):
    """The k-th empty site depends only on which are empty, never on how that came about."""

    def take(self, site: int) -> None: ...
    def leave(self, site: int) -> None: ...

    def nth(self, number: int) -> int:
        """The empty site with `number` empty ones before it."""
        ...


def vacancies(empty: Bools) -> Vacancies:
    """A sorted list where it is short enough to be moved along; else a tree."""
    return Listed(empty) if np.count_nonzero(empty) <= FEW else Tree(empty)


class Listed:
    """Found at once; a change moves the rest of the list along, which takes less than a microsecond for thousands."""

    def __init__(self, empty: Bools) -> None:
        self._sites: list[int] = np.flatnonzero(empty).tolist()

    def take(self, site: int) -> None:
        del self._sites[bisect_left(self._sites, site)]

    def leave(self, site: int) -> None:
        insort(self._sites, site)

    def nth(self, number: int) -> int:
        return self._sites[number]


class Tree:
    """A binary indexed tree over the sites (Fenwick 1994): found and changed in log2(sites) steps."""

    def __init__(self, empty: Bools) -> None:
        self.size = int(empty.size)
        sums = np.concatenate([[0], np.cumsum(empty)])
        ends = np.arange(1, self.size + 1)
        self._tree = (sums[ends] - sums[ends - (ends & -ends)]).astype(np.int64).data
        self._top = 1 << max(0, self.size.bit_length() - 1)

    def take(self, site: int) -> None:
        self._change(site, -1)

    def leave(self, site: int) -> None:
        self._change(site, 1)

    def nth(self, number: int) -> int:
        tree, at, step, size = self._tree, 0, self._top, self.size
        while step:
            ahead = at + step
            if ahead <= size and tree[ahead - 1] <= number:
                at = ahead
                number -= tree[ahead - 1]
            step >>= 1
        return at

    def _change(self, site: int, by: int) -> None:
        tree, at, size = self._tree, site + 1, self.size
        while at <= size:
            tree[at - 1] += by
            at += at & -at
