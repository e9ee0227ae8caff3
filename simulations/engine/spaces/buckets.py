"""Who is within a radius: the plane is cut into squares no smaller than it, and only nine of them are searched."""

from __future__ import annotations

import math
from bisect import insort

import numpy as np

from simulations.engine.randomness import Floats, Ints
from simulations.engine.spaces.near import Bools, Pairs, spans
from simulations.engine.spaces.plans import ContinuousPlan

_MOST_ACROSS = 2000
Point = tuple[float, float]


class Buckets:
    """Squares in reading order. Points are given with each call; single moves are told to `move`."""

    def __init__(self, plan: ContinuousPlan) -> None:
        self.plan = plan
        self.across = max(1, min(_MOST_ACROSS, int(plan.width / plan.radius)))
        self.down = max(1, min(_MOST_ACROSS, int(plan.height / plan.radius)))
        self._members: dict[int, list[int]] | None = None

    def forget(self) -> None:
        """Many have moved."""
        self._members = None

    def pairs(self, rows: Ints, at: Floats) -> Pairs:
        """Everyone within the radius of each of these rows, but itself."""
        present = np.flatnonzero(~np.isnan(at[:, 0]))
        squares = self._squares(at[present])
        order = np.argsort(squares, kind="stable")
        counts = np.bincount(squares, minlength=self.across * self.down)
        starts = np.cumsum(counts) - counts
        seen = np.flatnonzero(~np.isnan(at[rows, 0]))
        which, square = self._nine(self._squares(at[rows[seen]]))
        pair, member = spans(starts[square], counts[square])
        observers, others = seen[which[pair]], present[order[member]]
        close = self._close(at[rows[observers]], at[others]) & (others != rows[observers])
        observers, others = observers[close], others[close]
        sort = np.lexsort((others, observers))
        return Pairs(int(rows.size), observers[sort], others[sort])

    def within(self, point: Point, at: Floats) -> list[int]:
        """Everyone within the radius of a point, by row."""
        if math.isnan(point[0]):
            return []
        members = self._listed(at)
        here = self._squares(np.asarray([point]))
        found = sorted(row for square in self._nine(here)[1].tolist() for row in members.get(square, ()))
        close = self._close(at[found], np.asarray(point)).tolist() if found else []
        return [row for row, near in zip(found, close, strict=True) if near]

    def move(self, row: int, start: list[float], end: list[float]) -> None:
        if self._members is None:
            return
        if not math.isnan(start[0]):
            self._members[int(self._squares(np.asarray([start]))[0])].remove(row)
        insort(self._members.setdefault(int(self._squares(np.asarray([end]))[0]), []), row)

    def _listed(self, at: Floats) -> dict[int, list[int]]:
        if self._members is None:
            self._members = {}
            present = np.flatnonzero(~np.isnan(at[:, 0]))
            for row, square in zip(present.tolist(), self._squares(at[present]).tolist(), strict=True):
                self._members.setdefault(square, []).append(row)
        return self._members

    def _squares(self, points: Floats) -> Ints:
        across = (points[:, 0] * (self.across / self.plan.width)).astype(np.int64).clip(0, self.across - 1)
        down = (points[:, 1] * (self.down / self.plan.height)).astype(np.int64).clip(0, self.down - 1)
        squares: Ints = down * self.across + across
        return squares

    def _nine(self, squares: Ints) -> tuple[Ints, Ints]:
        """(which, square): the distinct squares at and around each."""
        down, across = np.divmod(squares, self.across)
        columns = [across + step for step in _steps(self.across, torus=self.plan.torus)]
        lines = [down + step for step in _steps(self.down, torus=self.plan.torus)]
        around = np.stack(
            [
                np.where(self._exists(line, column), line % self.down * self.across + column % self.across, -1)
                for line in lines
                for column in columns
            ],
            axis=1,
        )
        which, _ = np.nonzero(around >= 0)
        return which, around[around >= 0]

    def _exists(self, line: Ints, column: Ints) -> Bools:
        inside: Bools = (line >= 0) & (line < self.down) & (column >= 0) & (column < self.across)
        return inside | self.plan.torus

    def _close(self, points: Floats, others: Floats) -> Bools:
        gaps = np.abs(points - others)
        if self.plan.torus:
            gaps = np.minimum(gaps, np.asarray([self.plan.width, self.plan.height]) - gaps)
        close: Bools = (gaps**2).sum(axis=-1) <= self.plan.radius**2
        return close


def _steps(count: int, *, torus: bool) -> tuple[int, ...]:
    """Which squares to look at along one side; on a torus of one or two squares none twice."""
    if torus and count < 3:
        return tuple(range(count))
    return (-1, 0, 1)
