"""The neighbours of those who all see each other, without a list of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.engine.randomness import Floats, Ints
from simulations.engine.spaces.near import Bools, Values, means


@dataclass(frozen=True, slots=True)
class Everyone:
    """`among` (m) are all rows there are, in ascending order; `rows` (n) the observers, who do not see themselves.

    The layout is (m, n), but what concerns the neighbours alone stays (m, 1): only an expression that sets neighbours
    against observers has m * n values.
    """

    rows: Ints
    among: Ints

    def take(self, column: Values) -> Values:
        return column[self.among][:, np.newaxis]

    def own(self, values: Values) -> Values:
        return values

    def count(self, where: Values | None = None) -> Ints:
        chosen = self._where(where)
        counts: Ints = np.count_nonzero(chosen, axis=0) - self._itself(chosen)
        return counts

    def sum(self, values: Values, where: Values | None = None) -> Floats:
        weights = np.where(self._where(where), values, 0.0)
        sums: Floats = weights.sum(axis=0) - self._itself(weights)
        return sums

    def mean(self, values: Values, where: Values | None = None) -> Floats:
        return means(self.sum(values, where), self.count(where))

    def min(self, values: Values, where: Values | None = None) -> Floats:
        return -self.max(-np.asarray(values, np.float64), where)

    def max(self, values: Values, where: Values | None = None) -> Floats:
        at, weights = self._tops(values, where)
        found: Floats = np.where(at < 0, np.nan, weights[at, self._columns(weights)])
        return found

    def best(self, values: Values, where: Values | None = None) -> Ints:
        at, _ = self._tops(values, where)
        rows: Ints = np.where(at < 0, -1, self.among[at])
        return rows

    def padded(self) -> tuple[Ints, Bools]:
        rows = np.repeat(self.among[:, np.newaxis], self.rows.size, axis=1)
        mask: Bools = rows != self.rows
        return np.where(mask, rows, 0), mask

    def _where(self, where: Values | None) -> Bools:
        """(m, 1) or (m, n)."""
        chosen = np.asarray(True if where is None else where, np.bool_)
        return np.broadcast_to(chosen, np.broadcast_shapes(chosen.shape, (self.among.size, 1)))

    def _tops(self, values: Values, where: Values | None) -> tuple[Ints, Floats]:
        """For each observer the place in `among` of the largest other, or -1; and the values, (m, 1) or (m, n)."""
        weights: Floats = np.where(self._where(where), values, -np.inf)
        columns = self._columns(weights)
        first = weights.argmax(axis=0)
        rest = weights.copy()
        rest[first, np.arange(first.size)] = -np.inf
        second = rest.argmax(axis=0)
        at: Ints = np.where(self.among[first[columns]] == self.rows, second[columns], first[columns])
        seen = (weights[at, columns] > -np.inf) & (self.among[at] != self.rows)
        return np.where(seen, at, -1), weights

    def _columns(self, values: Values) -> Ints:
        return np.zeros(self.rows.size, np.int64) if values.shape[1] == 1 else np.arange(self.rows.size)

    def _itself(self, values: Values) -> Values:
        """What each observer would have counted of itself; it need not be among those seen."""
        at = np.searchsorted(self.among, self.rows).clip(max=self.among.size - 1)
        own: Values = np.where(self.among[at] == self.rows, values[at, self._columns(values)], 0)
        return own
