"""Cells in rows and columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulations.engine.randomness import Ints
from simulations.engine.spaces.lattice import Lattice
from simulations.engine.spaces.near import Pairs, Table
from simulations.engine.spaces.occupancy import Alone
from simulations.engine.spaces.plans import GridPlan
from simulations.engine.spaces.protocol import PlaceTaken, Site
from simulations.engine.spaces.sites import SiteSpace


class GridSpace(SiteSpace):
    """A grid as `GridPlan` describes it; cell (x, y) is place y * width + x."""

    def __init__(self, plan: GridPlan, rows: int) -> None:
        self.plan = plan
        self.lattice = Lattice(plan)
        super().__init__(self.lattice, plan.capacity, rows)

    def site_at(self, x: float, y: float) -> Site:
        """Coordinates are rounded down."""
        column, row = int(np.floor(x)), int(np.floor(y))
        if self.plan.torus:
            column, row = column % self.plan.width, row % self.plan.height
        if not (0 <= column < self.plan.width and 0 <= row < self.plan.height):
            raise PlaceTaken(f"There is no cell ({column}, {row}).")
        return row * self.plan.width + column

    def topology(self) -> dict[str, Any]:
        return {
            "space": "grid",
            "width": self.plan.width,
            "height": self.plan.height,
            "torus": self.plan.torus,
            "neighborhood": self.plan.neighborhood,
            "radius": self.plan.radius,
            "capacity": self.plan.capacity,
        }

    def _look(self, rows: Ints) -> Table | Pairs:
        if not isinstance(self._who, Alone):
            return super()._look(rows)
        sites = self._places[rows]
        found = self._who.rows[self.lattice.table[:, sites]]
        mask = found >= 0
        mask &= sites >= 0
        return Table(np.where(mask, found, 0), mask)
