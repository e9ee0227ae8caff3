"""The one place that knows Mesa: its model, its agents in cells, its spaces. Written for 3.3, the last for Python 3.11.

Faults of 3.3 that are worked around here: importing Mesa changes how the whole process starts children, and every model
ever made is kept in memory (`Agent._ids`, the caches on `Cell`, and for pickling a class for the cells of each grid).
"""

from __future__ import annotations

import copyreg
import multiprocessing

import numpy as np

from simulations.engine.errors import SimulationError
from simulations.engine.randomness import Ints
from simulations.engine.spaces import NOWHERE, GridSpace, NetworkSpace, Space

_start_method = multiprocessing.get_start_method(allow_none=True)
from mesa import Agent, Model  # noqa: E402  (must stand between the two lines)
from mesa.discrete_space import (  # noqa: E402
    Cell,
    CellAgent,
    DiscreteSpace,
    Grid,
    HexGrid,
    Network,
    OrthogonalMooreGrid,
    OrthogonalVonNeumannGrid,
)

multiprocessing.set_start_method(_start_method, force=True)


MOST_BODIES = 20_000
_GRIDS = {"moore": OrthogonalMooreGrid, "von_neumann": OrthogonalVonNeumannGrid, "hex": HexGrid}


class TooManyBodies(SimulationError):
    """Mesa's agents weigh two kilobytes each: large plays do without."""


class Bodies:
    """Mesa's equal of a space: a model with an agent for each row, in the cell that the space says.

    Site n is `cells[n]`; in a space without sites (a plane, or none) agents have no cells. `follow` brings the cells up to
    date, and links that were changed since.
    """

    def __init__(self, space: Space, *, seed: int = 0) -> None:
        """Raises TooManyBodies above `MOST_BODIES` rows."""
        if space.rows > MOST_BODIES:
            raise TooManyBodies(f"Mesa's agents are made for plays of up to {MOST_BODIES:,}, not for {space.rows:,}.")
        self.space = space
        self.model = Model(seed=seed)
        self.mesa = _mesa_space(space, self.model)
        self.cells: list[Cell] = [] if self.mesa is None else _cells(space, self.mesa)
        self._changed: frozenset[tuple[int, int]] = frozenset()
        self._agents: list[Agent] = []
        self._places: Ints = np.empty(0, np.int64)
        self.follow()

    def __getitem__(self, row: int) -> Agent:
        """The body of a row; where it is now after `follow`."""
        return self._agents[row]

    def __len__(self) -> int:
        return len(self._agents)

    def follow(self) -> None:
        """Put every body where its row is: first all that go leave, then they arrive, so that no cell is ever too full."""
        kind = CellAgent if self.cells else Agent
        while len(self._agents) < self.space.rows:
            self._agents.append(kind(self.model))
        if not self.cells:
            return
        self._rewire()
        places = self.space.column("place").astype(np.int64)
        before = np.concatenate([self._places, np.full(places.size - self._places.size, NOWHERE)])
        moved = np.flatnonzero(places != before).tolist()
        for row in moved:
            self._agents[row].cell = None
        for row in moved:
            if places[row] != NOWHERE:
                self._agents[row].cell = self.cells[places[row]]
        self._places = places

    def release(self) -> None:
        """Let Mesa forget the model, and Python the class that Mesa makes for the cells of each grid."""
        if isinstance(self.mesa, Grid):
            copyreg.dispatch_table.pop(self.mesa.cell_klass, None)
        forget(self.model)

    def _rewire(self) -> None:
        if not isinstance(self.space, NetworkSpace) or self.mesa is None:
            return
        for node in range(len(self.cells), self.space.graph.sites):
            self.cells.append(Cell(node, self.space.capacity, random=self.model.random))
            self.mesa.add_cell(self.cells[node])
        changed = frozenset(self.space.graph.changed)
        for one, other in sorted(changed ^ self._changed):
            change = self.mesa.add_connection if self.space.graph.linked(one, other) else self.mesa.remove_connection
            change(self.cells[one], self.cells[other])
        if changed != self._changed:
            _forget_neighborhoods()  # Mesa forgets them only where `neighborhood` was asked for before
        self._changed = changed


class _Links:
    """What Mesa asks of a networkx graph, which is not needed for more than that."""

    def __init__(self, space: NetworkSpace) -> None:
        self._beside: list[set[int]] = [set() for _ in range(space.graph.sites)]
        if space.complete:
            everyone = set(range(space.graph.sites))
            self._beside = [everyone - {node} for node in everyone]
        for one, other in space.graph.first_links.tolist():
            self.add_edge(one, other)

    @property
    def nodes(self) -> range:
        return range(len(self._beside))

    def neighbors(self, node: int) -> list[int]:
        return sorted(self._beside[node])

    def add_node(self, node: int) -> None:
        """Nodes are numbered in the order in which they come."""
        self._beside += [set() for _ in range(len(self._beside), node + 1)]

    def add_edge(self, one: int, other: int) -> None:
        self._beside[one].add(other)
        self._beside[other].add(one)

    def remove_edge(self, one: int, other: int) -> None:
        self._beside[one].discard(other)
        self._beside[other].discard(one)


def forget(model: Model) -> None:
    """Take a model out of Mesa's own lists."""
    Agent._ids.pop(model, None)  # noqa: SLF001  (mended in 3.5)
    _forget_neighborhoods()


def _forget_neighborhoods() -> None:
    """These caches are those of all models; they hold nothing that cannot be found again."""
    Cell.get_neighborhood.cache_clear()
    Cell._neighborhood.cache_clear()  # noqa: SLF001


def _mesa_space(space: Space, model: Model) -> DiscreteSpace | None:
    if isinstance(space, GridSpace):
        size = (space.plan.width, space.plan.height)
        return _GRIDS[space.plan.neighborhood](size, space.plan.torus, space.plan.capacity, model.random)
    if isinstance(space, NetworkSpace):
        return Network(_Links(space), space.plan.capacity, model.random)
    return None


def _cells(space: Space, mesa: DiscreteSpace) -> list[Cell]:
    if isinstance(space, GridSpace):
        return [mesa[x, y] for y in range(space.plan.height) for x in range(space.plan.width)]
    return list(mesa.all_cells)
