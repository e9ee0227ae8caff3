"""What every space answers; the engine knows no more of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulations.engine.errors import SimulationError
from simulations.engine.randomness import Chance, Ints
from simulations.engine.spaces.near import Near
from simulations.engine.state import Column

NOWHERE = -1
Site = int | tuple[float, float]
Places = NDArray[Any]


class PlaceTaken(SimulationError):
    """There is no room at that place, or no such place."""


class Space(Protocol):
    """Where agents are. Rows are those of the state; a row may be nowhere (-1, NaN in a continuous space).

    The space is the master of the columns it names in `columns`: after moves, the engine writes `column(name)` into the
    state; after a restore, it gives the state's columns back with `restore`.
    """

    @property
    def columns(self) -> Sequence[Column]: ...

    @property
    def discrete(self) -> bool:
        """Whether places are numbered; else they are coordinates."""
        ...

    @property
    def rows(self) -> int: ...

    @property
    def empty_count(self) -> int:
        """Places without anyone; 0 where the question makes no sense."""
        ...

    def column(self, name: str) -> NDArray[Any]:
        """A live, read-only view of one of the columns."""
        ...

    def neighbors(self, rows: Ints, *, and_self: bool = False) -> Near:
        """The neighbours of these rows, aligned with them. With `and_self` each is its own first neighbour."""
        ...

    def neighbors_of(self, row: int) -> list[int]:
        """The neighbours of one, in the same order; quick enough to ask again after each move."""
        ...

    def rows_near(self, place: Site) -> list[int]:
        """Those at a place and around it: whose view changes when someone comes or goes."""
        ...

    def place_of(self, row: int) -> Site:
        """Where one is; NOWHERE, or NaN twice, if it is not anywhere."""
        ...

    def fits(self, place: Site) -> bool:
        """Whether one more may go there."""
        ...

    def place(self, rows: Ints, places: Places) -> None:
        """Put many at once: (n) sites, or (n, 2) coordinates. All or nothing: raises PlaceTaken."""
        ...

    def scatter(self, rows: Ints, chance: Chance, *, stream: str = "settle") -> None:
        """Put many at random places with room. Raises PlaceTaken if there are too few."""
        ...

    def fill(self, rows: Ints) -> None:
        """Put one at each site in order (evenly, in a continuous space); raises PlaceTaken if there are more rows."""
        ...

    def move(self, row: int, place: Site) -> None:
        """Raises PlaceTaken; a point beyond an edge wraps on a torus, and stops at the edge elsewhere."""
        ...

    def remove(self, row: int) -> None:
        """Take one away from wherever it is."""
        ...

    def extend(self, count: int) -> None:
        """Make room for `count` more rows, nowhere so far."""
        ...

    def random_empty(self, u: float) -> Site:
        """The empty place that u in [0, 1) points at; raises PlaceTaken if there is none."""
        ...

    def random_neighbor(self, row: int, u: float) -> Site:
        """A place with room beside an agent that u in [0, 1) points at; where it is already if there is none."""
        ...

    def empties(self, count: int, chance: Chance, *, stream: str = "empties") -> Places:
        """Up to `count` distinct empty places in random order, for those who move at the same time."""
        ...

    def site_at(self, x: float, y: float) -> Site:
        """The place at these coordinates; raises PlaceTaken beyond an edge."""
        ...

    def topology(self) -> dict[str, Any]:
        """What a viewer needs to draw it."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """What the columns do not say (changed links), for a checkpoint."""
        ...

    def restore(self, columns: Mapping[str, NDArray[Any]], extra: Mapping[str, Any]) -> None:
        """Take the columns of a state, which may have more or fewer rows, and what `snapshot` gave."""
        ...


class Links(Protocol):
    """A space whose agents may be joined and parted while it plays."""

    def link(self, row: int, other: int) -> bool:
        """Join two; False if they were joined. Raises PlaceTaken if one is nowhere or both are at one node."""
        ...

    def unlink(self, row: int, other: int) -> bool:
        """Part two; False if they were not joined."""
        ...

    @property
    def fingerprint(self) -> int:
        """64 bits that change with every link that differs from the first day; 0 while none does."""
        ...


def read_only(values: NDArray[Any]) -> NDArray[Any]:
    view = values.view()
    view.flags.writeable = False
    return view


def full_range(rows: NDArray[Any], count: int) -> bool:
    """Whether these are all rows, in order."""
    return rows.size == count and bool((rows == np.arange(count)).all())
