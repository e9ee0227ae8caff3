"""Who is at which site. Bulk questions go to arrays, single ones to views of the same memory."""

from __future__ import annotations

from bisect import insort

import numpy as np
from numpy.typing import NDArray

from simulations.engine.randomness import Ints
from simulations.engine.spaces.near import spans
from simulations.engine.spaces.protocol import PlaceTaken
from simulations.engine.spaces.vacancies import Vacancies, vacancies

Rows = NDArray[np.int32]


class Alone:
    """At most one to a site. `rows[site]` is who is there, or -1; one more entry at the end answers for site -1."""

    def __init__(self, sites: int) -> None:
        self.sites = sites
        self.rows: Rows = np.full(sites + 1, -1, np.int32)
        self._here = self.rows.data
        self._vacancies: Vacancies | None = None
        self.empty_count = sites

    def settle(self, rows: Ints, places: Rows | Ints) -> None:
        """Everyone anew. Raises PlaceTaken if two are to share a site; then nothing has changed."""
        if places.size and np.bincount(places, minlength=1).max() > 1:
            raise PlaceTaken("Two agents cannot be in a place that has room for one.")
        self.rows[:] = -1
        self.rows[places] = rows
        self._vacancies = None
        self.empty_count = self.sites - int(places.size)

    def fits(self, site: int) -> bool:
        return self._here[site] < 0

    def at(self, site: int) -> list[int]:
        row = self._here[site]
        return [row] if row >= 0 else []

    def among(self, site: int, beside: list[int]) -> list[int]:
        """Everyone at a site, then at the ones beside it."""
        found = self.beside(beside)
        row = self._here[site]
        return [row, *found] if row >= 0 else found

    def put(self, row: int, site: int) -> None:
        self._here[site] = row
        self.empty_count -= 1
        if self._vacancies is not None:
            self._vacancies.take(site)

    def leave(self, row: int, site: int) -> None:
        self._here[site] = -1
        self.empty_count += 1
        if self._vacancies is not None:
            self._vacancies.leave(site)

    def nth_empty(self, number: int) -> int:
        if self._vacancies is None:
            self._vacancies = vacancies(self.empty())
        return self._vacancies.nth(number)

    def empty(self) -> NDArray[np.bool_]:
        free: NDArray[np.bool_] = self.rows[:-1] < 0
        return free

    def room(self) -> Ints:
        """How many more each site takes."""
        return self.empty().astype(np.int64)

    def expand(self, sites: Ints) -> tuple[Ints, Ints]:
        """(which, rows): everyone at these sites, and the entry of `sites` that each is at."""
        rows = self.rows[sites]
        which = np.flatnonzero(rows >= 0)
        return which, rows[which].astype(np.int64)

    def beside(self, sites: list[int]) -> list[int]:
        """Who is at these sites, in their order."""
        here = self._here
        return [row for site in sites if (row := here[site]) >= 0]


class Shared:
    """Up to `capacity` to a site, or any number (None)."""

    def __init__(self, sites: int, capacity: int | None) -> None:
        self.sites, self.capacity = sites, capacity
        self.counts: Rows = np.zeros(sites + 1, np.int32)
        self._many = self.counts.data
        self._members: dict[int, list[int]] = {}
        self._sorted: tuple[Ints, Ints] | None = None
        self._vacancies: Vacancies | None = None
        self.empty_count = sites

    def settle(self, rows: Ints, places: Rows | Ints) -> None:
        """Everyone anew. Raises PlaceTaken if a site would hold too many; then nothing has changed."""
        counts = np.bincount(places, minlength=self.sites + 1)
        if self.capacity is not None and counts.max() > self.capacity:
            raise PlaceTaken(f"A place has room for {self.capacity}, not for {counts.max()}.")
        self.counts[:] = counts
        order = np.lexsort((rows, places))
        self._members = {}
        self._sorted = (rows[order], np.cumsum(counts) - counts)
        self._vacancies = None
        self.empty_count = int(np.count_nonzero(counts[:-1] == 0))

    def fits(self, site: int) -> bool:
        return self.capacity is None or self._many[site] < self.capacity

    def at(self, site: int) -> list[int]:
        return self._listed()[site] if self._many[site] else []

    def among(self, site: int, beside: list[int]) -> list[int]:
        """Everyone at a site, then at the ones beside it."""
        return [*self.at(site), *self.beside(beside)]

    def put(self, row: int, site: int) -> None:
        insort(self._listed().setdefault(site, []), row)
        self._note(site, 1)

    def leave(self, row: int, site: int) -> None:
        self._listed()[site].remove(row)
        self._note(site, -1)

    def nth_empty(self, number: int) -> int:
        if self._vacancies is None:
            self._vacancies = vacancies(self.empty())
        return self._vacancies.nth(number)

    def empty(self) -> NDArray[np.bool_]:
        free: NDArray[np.bool_] = self.counts[:-1] == 0
        return free

    def room(self) -> Ints:
        """How many more each site takes; without a limit, as many as there are sites."""
        most = self.sites if self.capacity is None else self.capacity
        return (most - self.counts[:-1]).astype(np.int64)

    def expand(self, sites: Ints) -> tuple[Ints, Ints]:
        """(which, rows): everyone at these sites, and the entry of `sites` that each is at."""
        rows, starts = self._sort()
        which, at = spans(starts[sites], self.counts[sites].astype(np.int64))
        return which, rows[at]

    def beside(self, sites: list[int]) -> list[int]:
        """Who is at these sites, in their order."""
        many, listed = self._many, self._listed()
        return [row for site in sites if many[site] for row in listed[site]]

    def _listed(self) -> dict[int, list[int]]:
        """Members by site, made when single moves begin; from then on the arrays are stale."""
        if self._sorted is not None:
            rows, starts = self._sorted
            listed = rows.tolist()
            for site in np.flatnonzero(self.counts).tolist():
                begin = int(starts[site])
                self._members[site] = listed[begin : begin + self._many[site]]
            self._sorted = None
        return self._members

    def _sort(self) -> tuple[Ints, Ints]:
        if self._sorted is None:
            listed = [row for site in np.flatnonzero(self.counts).tolist() for row in self._members[site]]
            self._sorted = (np.asarray(listed, np.int64), (np.cumsum(self.counts) - self.counts).astype(np.int64))
            self._members = {}
        return self._sorted

    def _note(self, site: int, by: int) -> None:
        before = self._many[site]
        self._many[site] = before + by
        if (before == 0) == (before + by == 0):
            return
        self.empty_count += -1 if by > 0 else 1
        if self._vacancies is not None:
            (self._vacancies.take if by > 0 else self._vacancies.leave)(site)
