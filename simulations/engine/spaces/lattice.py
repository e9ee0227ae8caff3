"""Which cells of a grid lie around which: one table, made once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simulations.engine.randomness import Ints
from simulations.engine.spaces.plans import GridPlan

Cells = NDArray[np.int32]
Offsets = list[tuple[int, int]]
_LISTED = 1_000_000


class Lattice:
    """`table` is (k, cells): the k cells around each, in reading order; -1 beyond an edge."""

    def __init__(self, plan: GridPlan) -> None:
        self.plan = plan
        self.sites = plan.width * plan.height
        self.table = _table(plan)
        self._lists: list[list[int]] = []

    def beside(self, place: int) -> list[int]:
        """The cells around one."""
        if self._lists:
            return self._lists[place]
        if self.table.size > _LISTED:
            return [cell for cell in self.table[:, place].tolist() if cell >= 0]
        self._lists = [[cell for cell in around if cell >= 0] for around in self.table.T.tolist()]
        return self._lists[place]

    def around(self, sites: Ints) -> tuple[Ints, Ints]:
        """(which, beside): all cells around these, sorted by the entry of `sites` that each is around."""
        beside = self.table[:, sites].T
        which, _ = np.nonzero(beside >= 0)
        return which, beside[beside >= 0].astype(np.int64)


def _table(plan: GridPlan) -> Cells:
    y, x = np.divmod(np.arange(plan.width * plan.height), plan.width)
    if plan.neighborhood != "hex":
        return _once(plan, np.stack([_shifted(plan, x + dx, y + dy) for dx, dy in _square(plan)]))
    even, odd = (_hexagons(plan.radius, parity) for parity in (0, 1))
    columns = [
        _shifted(plan, x + np.where(y % 2, odd_dx, even_dx), y + dy)
        for (even_dx, dy), (odd_dx, _) in zip(even, odd, strict=True)
    ]
    return _once(plan, np.stack(columns))


def _square(plan: GridPlan) -> Offsets:
    """All within `radius` but the middle: kings' moves, or steps along the axes."""
    reach = range(-plan.radius, plan.radius + 1)
    near = [(dx, dy) for dy in reach for dx in reach if (dx, dy) != (0, 0)]
    return near if plan.neighborhood == "moore" else [(dx, dy) for dx, dy in near if abs(dx) + abs(dy) <= plan.radius]


def _hexagons(radius: int, parity: int) -> Offsets:
    """Offsets of the hexagons within `radius`, seen from a row of that parity; even rows lie half a cell right."""
    return [
        (across + (parity + down + (parity + down) % 2) // 2 - (parity + parity % 2) // 2, down)
        for down, across in _axial(radius)
    ]


def _axial(radius: int) -> Iterator[tuple[int, int]]:
    for down in range(-radius, radius + 1):
        for across in range(max(-radius, -radius - down), min(radius, radius - down) + 1):
            if (across, down) != (0, 0):
                yield down, across


def _shifted(plan: GridPlan, x: NDArray[np.int64], y: NDArray[np.int64]) -> Cells:
    if plan.torus:
        return (y % plan.height * plan.width + x % plan.width).astype(np.int32)
    inside = (x >= 0) & (x < plan.width) & (y >= 0) & (y < plan.height)
    return np.where(inside, y * plan.width + x, -1).astype(np.int32)


def _once(plan: GridPlan, table: Cells) -> Cells:
    """On a torus smaller than the neighbourhood, a cell is met twice, or is its own neighbour: it counts once, or not."""
    reach = 2 * plan.radius + 1
    if not plan.torus or min(plan.width, plan.height) >= reach:
        return table
    for place in range(table.shape[1]):
        around = table[:, place]
        firsts = np.unique(around, return_index=True)[1]
        keep = np.zeros(around.size, np.bool_)
        keep[firsts] = True
        around[~keep | (around == place)] = -1
    return table
