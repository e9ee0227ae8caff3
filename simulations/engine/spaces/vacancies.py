"""Which sites are empty, so that the k-th of them is found without looking at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


class Vacancies:
    """A binary indexed tree over the sites (Fenwick 1994): find and change in log2(sites) steps.

    The k-th empty site depends only on which are empty, never on how that came about.
    """

    def __init__(self, empty: Bools) -> None:
        self.size = int(empty.size)
        self.count = int(np.count_nonzero(empty))
        sums = np.concatenate([[0], np.cumsum(empty)])
        ends = np.arange(1, self.size + 1)
        self._tree = memoryview((sums[ends] - sums[ends - (ends & -ends)]).astype(np.int64))
        self._top = 1 << max(0, self.size.bit_length() - 1)

    def change(self, site: int, by: int) -> None:
        """Note that a site was taken (-1) or left (+1)."""
        self.count += by
        tree, at, size = self._tree, site + 1, self.size
        while at <= size:
            tree[at - 1] += by
            at += at & -at

    def nth(self, number: int) -> int:
        """The empty site with `number` empty ones before it; number < count."""
        tree, at, step, size = self._tree, 0, self._top, self.size
        while step:
            ahead = at + step
            if ahead <= size and tree[ahead - 1] <= number:
                at = ahead
                number -= tree[ahead - 1]
            step >>= 1
        return at
