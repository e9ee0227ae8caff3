"""The neighbours of those who all see each other, without a list of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.engine.randomness import Floats, Ints
from simulations.engine.spaces.near import Bools, Values, means


@dataclass(frozen=True, slots=True)
class Everyone:
    """`among` (m) are the rows that are seen, in ascending order; `rows` (n) the observers, who may be among them.

    An observer does not see itself, unless with `and_self`. The layout is (m, n), but what concerns the neighbours alone
    stays (m, 1): only an expression that sets neighbours against observers has m * n values.
    """

    rows: Ints
    among: Ints
    and_self: bool = False

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
        if not self.among.size:
            return np.full(self.rows.size, np.nan)
        at, weights = self._tops(values, where)
        found: Floats = np.where(at < 0, np.nan, weights[at, self._columns(weights)])
        return found

    def best(self, values: Values, where: Values | None = None) -> Ints:
        if not self.among.size:
            return np.full(self.rows.size, -1)
        at, _ = self._tops(values, where)
        rows: Ints = np.where(at < 0, -1, self.among[at])
        return rows

    def padded(self) -> tuple[Ints, Bools]:
        rows = np.repeat(self.among[:, np.newaxis], self.rows.size, axis=1)
        mask: Bools = np.ones(rows.shape, np.bool_) if self.and_self else rows != self.rows
        return np.where(mask, rows, 0), mask

    def _where(self, where: Values | None) -> Bools:
        """(m, 1) or (m, n)."""
        chosen = np.asarray(True if where is None else where, np.bool_)
        return np.broadcast_to(chosen, np.broadcast_shapes(chosen.shape, (self.among.size, 1)))

    def _tops(self, values: Values, where: Values | None) -> tuple[Ints, Floats]:
        """For each observer the place in `among` of the largest, or -1; and the values, (m, 1) or (m, n)."""
        weights: Floats = np.where(self._where(where), values, -np.inf)
        columns = self._columns(weights)
        first = weights.argmax(axis=0)
        at: Ints = first[columns]
        mine = self._mine()
        if self.and_self:
            tied = (mine >= 0) & (weights[mine, columns] == weights[at, columns])
            at = np.where(tied, mine, at)
        else:
            rest = weights.copy()
            rest[first, np.arange(first.size)] = -np.inf
            at = np.where(at == mine, rest.argmax(axis=0)[columns], at)
        seen = (weights[at, columns] > -np.inf) & (self.and_self | (at != mine))
        return np.where(seen, at, -1), weights

    def _columns(self, values: Values) -> Ints:
        return np.zeros(self.rows.size, np.int64) if values.shape[1] == 1 else np.arange(self.rows.size)

    def _mine(self) -> Ints:
        """Where each observer is in `among`, or -1."""
        at = np.searchsorted(self.among, self.rows).clip(max=self.among.size - 1)
        return np.where(self.among[at] == self.rows, at, -1)

    def _itself(self, values: Values) -> Values:
        """What each observer has of itself in a total, where it is not to see itself."""
        if self.and_self or not self.among.size:
            return np.zeros(self.rows.size, values.dtype)
        mine = self._mine()
        own: Values = np.where(mine >= 0, values[mine, self._columns(values)], 0)
        return own
