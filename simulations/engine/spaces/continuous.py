"""Agents at points of a plane; near is who is within a radius."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.engine.randomness import Chance, Floats, Ints
from simulations.engine.spaces.buckets import Buckets
from simulations.engine.spaces.near import Near, Pairs, with_self
from simulations.engine.spaces.plans import ContinuousPlan
from simulations.engine.spaces.protocol import NOWHERE, Places, PlaceTaken, Site, full_range, read_only
from simulations.engine.state import Column


class ContinuousSpace:
    """A plane as `ContinuousPlan` describes it, with any number of agents at a point. Who is nowhere has NaN for x and y.

    Neighbours are in ascending order of their rows.
    """

    columns = (Column("x", "<f8"), Column("y", "<f8"))
    discrete = False
    empty_count = 0

    def __init__(self, plan: ContinuousPlan, rows: int) -> None:
        self.plan = plan
        self._at: Floats = np.full((rows, 2), np.nan)
        self._buckets = Buckets(plan)
        self._known: Near | None = None

    @property
    def rows(self) -> int:
        return len(self._at)

    def column(self, name: str) -> NDArray[Any]:
        return read_only(self._at[:, ("x", "y").index(name)])

    def neighbors(self, rows: Ints, *, and_self: bool = False) -> Near:
        if and_self or not full_range(rows, self.rows):
            near = self._look(rows)
            return with_self(near, rows) if and_self else near
        if self._known is None:
            self._known = self._look(rows)
        return self._known

    def neighbors_of(self, row: int) -> list[int]:
        near = self.rows_near(self.place_of(row))
        if row in near:
            near.remove(row)
        return near

    def rows_near(self, place: Site) -> list[int]:
        return self._buckets.within(_point(place), self._at)

    def place_of(self, row: int) -> Site:
        x, y = self._at[row].tolist()
        return x, y

    def fits(self, place: Site) -> bool:
        return isinstance(place, tuple) and all(map(math.isfinite, place))

    def place(self, rows: Ints, places: Places) -> None:
        points = np.asarray(places, np.float64).reshape(-1, 2)
        if not np.isfinite(points).all():
            raise PlaceTaken("Coordinates must be numbers.")
        self._at[rows] = self._inside(points)
        self._moved()

    def scatter(self, rows: Ints, chance: Chance, *, stream: str = "settle") -> None:
        free = np.stack([chance.draws(stream, rows, axis) for axis in (0, 1)], axis=1)
        self.place(rows, free * (self.plan.width, self.plan.height))

    def fill(self, rows: Ints) -> None:
        """Row by row in a lattice of equal distances."""
        across = max(1, math.ceil(math.sqrt(rows.size * self.plan.width / self.plan.height)))
        down = -(-rows.size // across) or 1
        y, x = np.divmod(np.arange(rows.size), across)
        self.place(rows, np.stack([(x + 0.5) * self.plan.width / across, (y + 0.5) * self.plan.height / down], axis=1))

    def move(self, row: int, place: Site) -> None:
        point = self._inside(np.asarray([_point(place)]))[0]
        if not np.isfinite(point).all():
            raise PlaceTaken("Coordinates must be numbers.")
        self._buckets.move(row, self._at[row].tolist(), point.tolist())
        self._at[row] = point
        self._known = None

    def remove(self, row: int) -> None:
        self._at[row] = np.nan
        self._moved()

    def extend(self, count: int) -> None:
        self._at = np.concatenate([self._at, np.full((count, 2), np.nan)])
        self._moved()

    def random_empty(self, u: float) -> Site:
        """Any point is free: the two halves of the digits of u make its coordinates."""
        first = int(u * 2**26)
        return first / 2**26 * self.plan.width, (u * 2**26 - first) * self.plan.height

    def random_neighbor(self, row: int, u: float) -> Site:
        """A point on the circle of the radius around an agent."""
        x, y = self._at[row].tolist()
        turn = 2 * math.pi * u
        return x + self.plan.radius * math.cos(turn), y + self.plan.radius * math.sin(turn)

    def empties(self, count: int, chance: Chance, *, stream: str = "empties") -> Places:
        numbers = np.arange(count)
        free = np.stack([chance.draws(stream, numbers, axis) for axis in (0, 1)], axis=1)
        return free * (self.plan.width, self.plan.height)

    def site_at(self, x: float, y: float) -> Site:
        return x, y

    def topology(self) -> dict[str, Any]:
        plan = self.plan
        return {
            "space": "continuous",
            "width": plan.width,
            "height": plan.height,
            "radius": plan.radius,
            "torus": plan.torus,
        }

    def snapshot(self) -> dict[str, Any]:
        return {}

    def restore(self, columns: Mapping[str, NDArray[Any]], extra: Mapping[str, Any]) -> None:
        self._at = np.stack([columns["x"], columns["y"]], axis=1).astype(np.float64)
        self._moved()

    def _look(self, rows: Ints) -> Pairs:
        return self._buckets.pairs(rows, self._at)

    def _moved(self) -> None:
        self._buckets.forget()
        self._known = None

    def _inside(self, points: Floats) -> Floats:
        """Wrapped on a torus; at the edge elsewhere."""
        size = np.asarray([self.plan.width, self.plan.height])
        if not self.plan.torus:
            return np.clip(points, 0, size)
        wrapped: Floats = np.mod(points, size)
        wrapped[wrapped >= size] = 0  # a tiny negative number rounds up to the size itself
        return wrapped


def _point(place: Site) -> tuple[float, float]:
    if isinstance(place, tuple):
        return place
    if place == NOWHERE:
        return math.nan, math.nan
    raise PlaceTaken("This space has coordinates, not numbered places.")
