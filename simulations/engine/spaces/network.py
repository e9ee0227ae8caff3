"""Nodes with links between them; usually each agent is at a node of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.engine.randomness import Chance, Ints
from simulations.engine.spaces.everyone import Everyone
from simulations.engine.spaces.graph import Graph
from simulations.engine.spaces.layout import positions
from simulations.engine.spaces.near import Near, Pairs, Table
from simulations.engine.spaces.plans import NetworkPlan
from simulations.engine.spaces.protocol import NOWHERE, PlaceTaken, full_range
from simulations.engine.spaces.sites import SiteSpace
from simulations.engine.spaces.wiring import wire

MOST_DRAWN = 20_000


class NetworkSpace(SiteSpace):
    """A network as `NetworkPlan` describes it. If there is a node for every row, each row begins at its own.

    A row that is added later gets a node of its own without links.
    """

    def __init__(self, plan: NetworkPlan, chance: Chance, rows: int) -> None:
        self.plan = plan
        self.complete = plan.kind == "complete"
        self.graph = Graph(plan.nodes, wire(plan, chance), plan.radius)
        self._own: bool | None = None
        super().__init__(self.graph, plan.capacity, rows)
        if rows == plan.nodes:
            self.fill(np.arange(rows))

    @property
    def fingerprint(self) -> int:
        return self.graph.fingerprint

    def neighbors(self, rows: Ints, *, and_self: bool = False) -> Near:
        if self.complete:
            return Everyone(rows, np.flatnonzero(self._places != NOWHERE), and_self=and_self)
        return super().neighbors(rows, and_self=and_self)

    def rows_near(self, place: Any) -> list[int]:
        if self.complete:
            return [] if place == NOWHERE else np.flatnonzero(self._places != NOWHERE).tolist()
        return super().rows_near(place)

    def link(self, row: int, other: int) -> bool:
        """Join two; False if they were joined. Raises PlaceTaken if one is nowhere or both are at one node."""
        return self._change(row, other, joined=True)

    def unlink(self, row: int, other: int) -> bool:
        """Part two; False if they were not joined. Of a complete network nobody can be parted: PlaceTaken."""
        if self.complete:
            raise PlaceTaken("In a complete network everyone stays joined to everyone.")
        return self._change(row, other, joined=False)

    def extend(self, count: int) -> None:
        first = self.rows
        nodes = np.arange(self.graph.sites, self.graph.sites + count)
        self.graph.grow(count)
        self._open(self.graph.sites)
        super().extend(count)
        self.place(np.arange(first, first + count), nodes)

    def topology(self) -> dict[str, Any]:
        """Nodes, links and where to draw them, in a square of side 1; of large networks only what they are."""
        links = self.graph.links
        said = {"space": "network", "kind": self.plan.kind, "nodes": self.graph.sites, "links": len(links)}
        if max(len(links), self.graph.sites) > MOST_DRAWN:
            return said
        drawn = positions(self.plan, self.graph.sites, links)
        return said | {"edges": links.ravel().tolist(), "positions": np.round(drawn, 4).ravel().tolist()}

    def snapshot(self) -> dict[str, Any]:
        return {"nodes": self.graph.sites, "links": [list(link) for link in sorted(self.graph.changed)]}

    def restore(self, columns: Mapping[str, NDArray[Any]], extra: Mapping[str, Any]) -> None:
        self.graph.become(int(extra["nodes"]), extra["links"])
        self._open(self.graph.sites)
        super().restore(columns, extra)

    def _change(self, row: int, other: int, *, joined: bool) -> bool:
        node, across = self._place[row], self._place[other]
        if node == across or NOWHERE in {node, across}:
            raise PlaceTaken("Only agents at two different nodes can be linked.")
        if self.complete or self.graph.linked(node, across) == joined:
            return False
        self.graph.toggle(node, across)
        self._known = None
        return True

    def _look(self, rows: Ints) -> Table | Pairs:
        """Where each row is at its own node, nodes are rows, and nobody need be looked up."""
        if self._known is None:
            self._own = full_range(self._places, self.graph.sites)
        if not self._own:
            return super()._look(rows)
        which, beside = self.graph.around(rows)
        return Pairs(int(rows.size), which, beside)
