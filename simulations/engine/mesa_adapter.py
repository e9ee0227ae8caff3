"""The one place that knows Mesa: its model, its agents in cells, its grid. Written for 3.3, the last for Python 3.11.

Two faults of 3.3 are worked around here, both mended in 3.5: importing Mesa changes how the whole process starts
children, and every model ever made is kept in memory (`Agent._ids`, and the caches on `Cell`).
"""

from __future__ import annotations

import multiprocessing

import numpy as np

from simulations.engine.randomness import Ints

_start_method = multiprocessing.get_start_method(allow_none=True)
from mesa import Model  # noqa: E402  (must stand between the two lines)
from mesa.discrete_space import Cell, CellAgent, OrthogonalMooreGrid  # noqa: E402

multiprocessing.set_start_method(_start_method, force=True)


class GridWorld:
    """A Mesa model with agents on a Moore grid, one to a cell, and its topology as plain numbers.

    `neighbours` has one row of 8 cell numbers per cell (a torus). `occupants` holds the row of the agent in each
    cell, or -1; it is a list, because one agent at a time looks there.
    """

    def __init__(self, *, width: int, height: int, seed: int) -> None:
        self.model = Model(seed=seed)
        self.grid = OrthogonalMooreGrid((height, width), torus=True, capacity=1, random=self.model.random)
        self.cells: list[Cell] = [self.grid[row, column] for row in range(height) for column in range(width)]
        numbers = {cell: number for number, cell in enumerate(self.cells)}
        self.near: list[list[int]] = [[numbers[near] for near in cell.connections.values()] for cell in self.cells]
        self.neighbours: Ints = np.array(self.near)
        self.occupants = [-1] * len(self.cells)
        self.bodies: list[CellAgent] = []
        self._free = np.ones(len(self.cells), np.bool_)

    def settle(self, places: Ints) -> list[CellAgent]:
        """Create one agent for each place."""
        self.bodies = [CellAgent(self.model) for _ in range(places.size)]
        self.place(places)
        return self.bodies

    def place(self, places: Ints) -> None:
        """Put every agent where `places` says, wherever it was."""
        for body in self.bodies:
            body.cell = None
        self.occupants = [-1] * len(self.cells)
        for row, place in enumerate(places.tolist()):
            self.bodies[row].cell = self.cells[place]
            self.occupants[place] = row
        self._free[:] = True
        self._free[places] = False

    def move(self, row: int, start: int, end: int) -> None:
        """Mesa refuses a cell that is taken."""
        self.bodies[row].cell = self.cells[end]
        self.occupants[start], self.occupants[end] = -1, row
        self._free[start], self._free[end] = True, False

    def residents_near(self, cell: int) -> list[int]:
        """Rows of the agents around a cell."""
        occupants = self.occupants
        return [row for near in self.near[cell] if (row := occupants[near]) >= 0]

    def empty_cell(self, draw: float) -> int:
        """The empty cell that a draw from [0, 1) points at; there must be one."""
        free = np.flatnonzero(self._free)
        return int(free[int(draw * free.size)])

    def release(self) -> None:
        """Let Mesa forget the model. The caches hold nothing that other models cannot rebuild."""
        CellAgent._ids.pop(self.model, None)  # noqa: SLF001  (mended in 3.5)
        Cell.get_neighborhood.cache_clear()
        Cell._neighborhood.cache_clear()  # noqa: SLF001
