"""Spaces made of sites (cells of a grid, nodes of a network) in which agents are: one class, whatever the ground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulations.engine.randomness import Chance, Ints
from simulations.engine.spaces.near import Near, Pairs, Table, with_self
from simulations.engine.spaces.occupancy import Alone, Shared
from simulations.engine.spaces.protocol import NOWHERE, Places, PlaceTaken, Site, full_range, read_only
from simulations.engine.state import Column


class Ground(Protocol):
    """Which sites are beside which."""

    sites: int

    def beside(self, site: int) -> list[int]:
        """The sites around one."""
        ...

    def around(self, sites: Ints) -> tuple[Ints, Ints]:
        """(which, beside): all sites around these, sorted by the entry of `sites` that each is around."""
        ...


class SiteSpace:
    """Agents at sites. Those who share a site are neighbours too."""

    columns = (Column("place", "<i4"),)
    discrete = True

    def __init__(self, ground: Ground, capacity: int | None, rows: int) -> None:
        self.ground = ground
        self.capacity = capacity
        self._places = np.full(rows, NOWHERE, np.int32)
        self._place = self._places.data
        self._open(ground.sites)
        self._known: Table | Pairs | None = None
        self._known_with_self: Near | None = None

    @property
    def rows(self) -> int:
        return int(self._places.size)

    @property
    def empty_count(self) -> int:
        return self._who.empty_count

    def column(self, name: str) -> NDArray[Any]:
        return read_only({"place": self._places}[name])

    def neighbors(self, rows: Ints, *, and_self: bool = False) -> Near:
        """Remembered for all rows in order until someone moves, which is never on many grids."""
        if not full_range(rows, self.rows):
            near = self._look(rows)
            return with_self(near, rows) if and_self else near
        if self._known is None:
            self._known, self._known_with_self = self._look(rows), None
        if and_self and self._known_with_self is None:
            self._known_with_self = with_self(self._known, rows)
        return self._known_with_self if and_self and self._known_with_self else self._known

    def neighbors_of(self, row: int) -> list[int]:
        site = self._place[row]
        if self.capacity == 1 and site >= 0:
            return self._who.beside(self.ground.beside(site))
        near = self.rows_near(site)
        if row in near:
            near.remove(row)
        return near

    def rows_near(self, place: Site) -> list[int]:
        site = as_site(place)
        if site == NOWHERE:
            return []
        return self._who.among(site, self.ground.beside(site))

    def place_of(self, row: int) -> Site:
        return self._place[row]

    def fits(self, place: Site) -> bool:
        site = as_site(place)
        return 0 <= site < self.ground.sites and self._who.fits(site)

    def place(self, rows: Ints, places: Places) -> None:
        after = self._places.copy()
        after[rows] = places
        self._settle(after)

    def scatter(self, rows: Ints, chance: Chance, *, stream: str = "settle") -> None:
        if self.capacity is None:
            sites = (chance.draws(stream, rows) * self.ground.sites).astype(np.int64)
        else:
            sites = self._pick(np.repeat(np.arange(self.ground.sites), self._who.room()), rows.size, chance, stream)
        if sites.size < rows.size:
            raise PlaceTaken(f"There is room for {sites.size:,} agents, not for {rows.size:,}.")
        self.place(rows, sites)

    def fill(self, rows: Ints) -> None:
        if rows.size > self.ground.sites:
            raise PlaceTaken(f"There are {self.ground.sites:,} places, not {rows.size:,}.")
        self.place(rows, np.arange(rows.size))

    def move(self, row: int, place: Site) -> None:
        start, end = self._place[row], as_site(place)
        if start == end:
            return
        if not self.fits(end):
            raise PlaceTaken(f"Place {end} is taken, or there is no such place.")
        if start >= 0:
            self._who.leave(row, start)
        self._who.put(row, end)
        self._place[row] = end
        self._known = None

    def remove(self, row: int) -> None:
        site = self._place[row]
        if site >= 0:
            self._who.leave(row, site)
            self._place[row] = NOWHERE
            self._known = None

    def extend(self, count: int) -> None:
        self._keep(np.concatenate([self._places, np.full(count, NOWHERE, np.int32)]))
        self._known = None

    def random_empty(self, u: float) -> Site:
        if not self.empty_count:
            raise PlaceTaken("There is no empty place.")
        return self._who.nth_empty(int(u * self.empty_count))

    def random_neighbor(self, row: int, u: float) -> Site:
        site = self._place[row]
        beside = [other for other in self.ground.beside(site) if self._who.fits(other)] if site >= 0 else []
        return beside[int(u * len(beside))] if beside else site

    def empties(self, count: int, chance: Chance, *, stream: str = "empties") -> Ints:
        return self._pick(np.flatnonzero(self._who.empty()), count, chance, stream)

    def site_at(self, x: float, y: float) -> Site:
        raise PlaceTaken("A network has nodes, not coordinates.")

    def topology(self) -> dict[str, Any]:
        raise NotImplementedError

    def snapshot(self) -> dict[str, Any]:
        return {}

    def restore(self, columns: Mapping[str, NDArray[Any]], extra: Mapping[str, Any]) -> None:
        self._settle(np.asarray(columns["place"], np.int32).copy())

    def _look(self, rows: Ints) -> Table | Pairs:
        """Sites around, then who is there; whoever shares the site comes first."""
        sites = self._places[rows].astype(np.int64)
        present = np.flatnonzero(sites >= 0)
        observers, beside = self.ground.around(sites[present])
        if self.capacity != 1:
            observers = np.concatenate([np.arange(present.size), observers])
            order = np.argsort(observers, kind="stable")
            observers, beside = observers[order], np.concatenate([sites[present], beside])[order]
        which, found = self._who.expand(beside)
        observers = present[observers[which]]
        if self.capacity != 1:
            others = found != rows[observers]
            observers, found = observers[others], found[others]
        return Pairs(int(rows.size), observers, found)

    def _settle(self, places: NDArray[np.int32]) -> None:
        rows = np.flatnonzero(places != NOWHERE)
        if rows.size and not (places[rows].min() >= 0 and places[rows].max() < self.ground.sites):
            raise PlaceTaken(f"Places are numbered from 0 to {self.ground.sites - 1:,}.")
        self._who.settle(rows, places[rows])
        self._keep(places)
        self._known = None

    def _open(self, sites: int) -> None:
        """Empty sites, before everyone is settled on them."""
        self._who: Alone | Shared = Alone(sites) if self.capacity == 1 else Shared(sites, self.capacity)

    def _keep(self, places: NDArray[np.int32]) -> None:
        self._places = places
        self._place = places.data

    @staticmethod
    def _pick(sites: Ints, count: int, chance: Chance, stream: str) -> Ints:
        """`count` of the sites in random order, all of them if there are fewer."""
        keys = chance.draws(stream, np.arange(sites.size))
        if count < sites.size:
            some = np.argpartition(keys, count)[:count]
            return sites[some[np.argsort(keys[some], kind="stable")]]
        return sites[np.argsort(keys, kind="stable")]


def as_site(place: Site) -> int:
    """A site's number; raises PlaceTaken for coordinates."""
    if isinstance(place, tuple):
        raise PlaceTaken("This space has numbered places, not coordinates.")
    return place
