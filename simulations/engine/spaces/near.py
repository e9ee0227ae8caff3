"""Who is near whom, in one of two layouts, and what may be asked about it. The askers never see which layout it is.

`Table` is for spaces where everyone has about as many neighbours: arrays of shape (k, n), k places around each of n
observers. `Pairs` is for the rest: one entry for each pair of observer and neighbour, sorted by observer.

An expression over the neighbours is worked out elementwise: `take` gives the neighbours' values, `own` the observers',
both in the layout, so that `near.count(near.take(group) == near.own(group[rows]))` counts those of the same group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulations.engine.randomness import Floats, Ints

Values = NDArray[Any]
Bools = NDArray[np.bool_]


class Near(Protocol):
    """The neighbours of n observers. What is asked of an observer without any: count 0, sum 0, else NaN; best -1."""

    def take(self, column: Values) -> Values:
        """The neighbours' values of a column of the state, in the layout."""
        ...

    def own(self, values: Values) -> Values:
        """The observers' values (n of them) beside their neighbours', in the layout."""
        ...

    def count(self, where: Values | None = None) -> Ints: ...
    def sum(self, values: Values, where: Values | None = None) -> Floats: ...
    def mean(self, values: Values, where: Values | None = None) -> Floats: ...
    def min(self, values: Values, where: Values | None = None) -> Floats: ...
    def max(self, values: Values, where: Values | None = None) -> Floats: ...

    def best(self, values: Values, where: Values | None = None) -> Ints:
        """The row with the largest value; of equals the observer itself, then the first as the space orders them."""
        ...

    def padded(self) -> tuple[Ints, Bools]:
        """(rows, mask), both (k, n): rows hold 0 where the mask says that nobody is there."""
        ...


def means(sums: Floats, counts: Ints) -> Floats:
    """NaN where there is nobody."""
    found: Floats = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` (k, n) with 0 where `mask` (k, n) says that nobody is there."""

    rows: Ints
    mask: Bools

    def take(self, column: Values) -> Values:
        return column[self.rows]

    def own(self, values: Values) -> Values:
        return values

    def count(self, where: Values | None = None) -> Ints:
        chosen = self.mask if where is None else np.logical_and(self.mask, where)
        kind = np.uint8 if len(chosen) < 256 else np.int64
        counts: Ints = np.add.reduce(chosen.view(np.uint8), axis=0, dtype=kind).astype(np.int64)
        return counts

    def sum(self, values: Values, where: Values | None = None) -> Floats:
        sums: Floats = self._chosen(values, where, 0.0).sum(axis=0)
        return sums

    def mean(self, values: Values, where: Values | None = None) -> Floats:
        return means(self.sum(values, where), self.count(where))

    def min(self, values: Values, where: Values | None = None) -> Floats:
        return _finite(self._chosen(values, where, np.inf).min(axis=0, initial=np.inf))

    def max(self, values: Values, where: Values | None = None) -> Floats:
        return _finite(self._chosen(values, where, -np.inf).max(axis=0, initial=-np.inf))

    def best(self, values: Values, where: Values | None = None) -> Ints:
        if not len(self.rows):
            return np.full(self.rows.shape[1], -1)
        chosen = self._chosen(values, where, -np.inf)
        at, observers = chosen.argmax(axis=0), np.arange(chosen.shape[1])
        rows: Ints = np.where(chosen[at, observers] > -np.inf, self.rows[at, observers], -1)
        return rows

    def padded(self) -> tuple[Ints, Bools]:
        return self.rows, self.mask

    def _chosen(self, values: Values, where: Values | None, otherwise: float) -> Floats:
        chosen = self.mask if where is None else np.logical_and(self.mask, where)
        if chosen.all() and np.shape(values) == chosen.shape:
            return np.asarray(values, np.float64)
        some: Floats = np.where(chosen, values, otherwise)
        return some


@dataclass(frozen=True, slots=True)
class Pairs:
    """`observers` (m) count 0…n-1 in ascending order, `rows` (m) are their neighbours."""

    n: int
    observers: Ints
    rows: Ints

    def take(self, column: Values) -> Values:
        return column[self.rows]

    def own(self, values: Values) -> Values:
        return values[self.observers]

    def count(self, where: Values | None = None) -> Ints:
        return np.bincount(self.observers[self._where(where)], minlength=self.n)

    def sum(self, values: Values, where: Values | None = None) -> Floats:
        chosen = self._where(where)
        weights = np.broadcast_to(np.asarray(values, np.float64), self.rows.shape)[chosen]
        sums: Floats = np.bincount(self.observers[chosen], weights=weights, minlength=self.n).astype(np.float64)
        return sums

    def mean(self, values: Values, where: Values | None = None) -> Floats:
        return means(self.sum(values, where), self.count(where))

    def min(self, values: Values, where: Values | None = None) -> Floats:
        return -self.max(-np.asarray(values, np.float64), where)

    def max(self, values: Values, where: Values | None = None) -> Floats:
        chosen = self._where(where)
        observers = self.observers[chosen]
        found = np.full(self.n, np.nan)
        if observers.size:
            starts = np.flatnonzero(np.r_[True, observers[1:] != observers[:-1]])
            weights = np.broadcast_to(np.asarray(values, np.float64), self.rows.shape)[chosen]
            found[observers[starts]] = np.maximum.reduceat(weights, starts)
        return found

    def best(self, values: Values, where: Values | None = None) -> Ints:
        chosen = self._where(where)
        top = self.max(values, where)[self.observers]
        held = np.flatnonzero(chosen & (np.broadcast_to(values, self.rows.shape) == top))
        observers, first = np.unique(self.observers[held], return_index=True)
        found = np.full(self.n, -1)
        found[observers] = self.rows[held[first]]
        return found

    def padded(self) -> tuple[Ints, Bools]:
        counts = self.count()
        most = int(counts.max(initial=0))
        rows, mask = np.zeros((most, self.n), np.int64), np.zeros((most, self.n), np.bool_)
        at = np.arange(self.rows.size) - np.repeat(np.cumsum(counts) - counts, counts)
        rows[at, self.observers], mask[at, self.observers] = self.rows, True
        return rows, mask

    def _where(self, where: Values | None) -> Bools:
        return np.broadcast_to(np.asarray(True if where is None else where, np.bool_), self.rows.shape)


def _finite(found: Floats) -> Floats:
    found[np.isinf(found)] = np.nan
    return found


def with_self(near: Table | Pairs, rows: Ints) -> Table | Pairs:
    """The same neighbours, and before them each observer itself (its row is in `rows`)."""
    if isinstance(near, Table):
        mask = np.ones((1, rows.size), np.bool_)
        return Table(np.concatenate([rows[np.newaxis, :], near.rows]), np.concatenate([mask, near.mask]))
    observers = np.concatenate([np.arange(near.n), near.observers])
    order = np.argsort(observers, kind="stable")
    return Pairs(near.n, observers[order], np.concatenate([rows, near.rows])[order])


def spans(starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """(which, at): the members of the ranges starts[i] … starts[i] + lengths[i] - 1, and the range each is of."""
    which = np.repeat(np.arange(lengths.size), lengths)
    at = np.arange(which.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return which, np.repeat(starts, lengths) + at
