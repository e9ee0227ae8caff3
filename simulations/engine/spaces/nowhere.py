"""No space: agents are nowhere, and nobody is near anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.engine.randomness import Chance, Ints
from simulations.engine.spaces.near import Near, Table, with_self
from simulations.engine.spaces.protocol import NOWHERE, Places, PlaceTaken, Site
from simulations.engine.state import Column

_NO_PLACES = "This scenario has no space: there are no places."


class Nowhere:
    """Answers what every space answers; whoever is put somewhere is refused."""

    columns: Sequence[Column] = ()
    discrete = True
    empty_count = 0

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def column(self, name: str) -> NDArray[Any]:
        raise KeyError(name)

    def neighbors(self, rows: Ints, *, and_self: bool = False) -> Near:
        near = Table(np.zeros((0, rows.size), np.int64), np.zeros((0, rows.size), np.bool_))
        return with_self(near, rows) if and_self else near

    def neighbors_of(self, row: int) -> list[int]:
        return []

    def rows_near(self, place: Site) -> list[int]:
        return []

    def place_of(self, row: int) -> Site:
        return NOWHERE

    def fits(self, place: Site) -> bool:
        return False

    def place(self, rows: Ints, places: Places) -> None:
        raise PlaceTaken(_NO_PLACES)

    def scatter(self, rows: Ints, chance: Chance, *, stream: str = "settle") -> None:
        """Random places where there are none: everyone stays nowhere."""

    def fill(self, rows: Ints) -> None:
        """As `scatter`."""

    def move(self, row: int, place: Site) -> None:
        raise PlaceTaken(_NO_PLACES)

    def remove(self, row: int) -> None:
        """Who is nowhere need not be taken away."""

    def extend(self, count: int) -> None:
        self.rows += count

    def random_empty(self, u: float) -> Site:
        raise PlaceTaken(_NO_PLACES)

    def random_neighbor(self, row: int, u: float) -> Site:
        return NOWHERE

    def empties(self, count: int, chance: Chance, *, stream: str = "empties") -> Ints:
        return np.zeros(0, np.int64)

    def site_at(self, x: float, y: float) -> Site:
        raise PlaceTaken(_NO_PLACES)

    def topology(self) -> dict[str, Any]:
        return {"space": "none"}

    def snapshot(self) -> dict[str, Any]:
        return {}

    def restore(self, columns: Mapping[str, NDArray[Any]], extra: Mapping[str, Any]) -> None:
        """Nothing to take back."""
