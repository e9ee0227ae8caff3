"""How many listings each filter would leave.

Without words, the numbers are of the whole market and at most a minute old: every combination of filters is derived from one count of the
combinations that exist. With words, they are of the listings that the search has looked at.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import get_args
from uuid import UUID

import numpy as np
from django.db.models import Count, F, Func, QuerySet

from marketplace.browsing import matching
from marketplace.browsing.models import Entry
from marketplace.browsing.wishes import COSTS, Wish
from marketplace.manifest.envelope import CATEGORIES, Licence
from marketplace.models import Listing

FRESH_SECONDS = 60.0
LARGE = 10_000  # listings; a smaller market is counted anew each time, in a few milliseconds
MOST_LANGUAGES = 10
TITLES = {
    "kind": "Kind",
    "category": "Field",
    "risk": "Risk",
    "needs": "Needs",
    "offline": "Without a key",
    "cost": "Most per run",
    "licence": "Licence",
    "language": "Language",
}
LABELS: Mapping[str, Mapping[str, str]] = {
    "kind": dict(Listing.Kind.choices),
    "category": {name: name.replace("-", " ").capitalize() for name in CATEGORIES},
    "risk": {"low": "Low", "medium": "Medium", "high": "High"},
    "needs": {
        "nothing": "Nothing",
        "model": "A language model",
        "documents": "Documents",
        "credentials": "Credentials",
        "network": "The network",
    },
    "offline": {"yes": "Runs without a key"},
    "cost": {"0": "Free", **{bound: f"Up to ${float(bound):.2f}" for bound in COSTS[1:]}},
    "licence": {name: name for name in get_args(Licence)},
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter and how many listings it would leave."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Cube:
    """Which combinations of traits there are (`has`: combinations × traits) and how many listings have each."""

    traits: Mapping[str, int]
    has: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
    listings: np.ndarray[tuple[int], np.dtype[np.int64]]

    def counts(self, wanted: Sequence[str]) -> dict[str, int]:
        """Per trait, the listings that have it and all of `wanted`."""
        if not set(wanted) <= self.traits.keys():
            return {}
        fits = self.has[:, [self.traits[trait] for trait in wanted]].all(axis=1)
        numbers = self.listings[fits] @ self.has[fits]
        return {trait: int(numbers[at]) for trait, at in self.traits.items() if numbers[at]}

    def total(self, wanted: Sequence[str]) -> int:
        if not set(wanted) <= self.traits.keys():
            return 0
        return int(self.listings[self.has[:, [self.traits[trait] for trait in wanted]].all(axis=1)].sum())


class _Unnest(Func):
    function = "unnest"
    set_returning = True


def facets(wish: Wish, ids: Sequence[UUID]) -> tuple[Facet, ...]:
    """For each filter, what choosing a value (instead of the chosen one) would leave; `ids` are what the wish has found."""
    here = _counts(wish, ids)
    return tuple(_facet(name, wish, here) for name in TITLES)


def total(wish: Wish) -> int:
    """How many listings fit a wish without words."""
    return _cube(everything=bool(wish.all)).total(wish.traits)


def _facet(name: str, wish: Wish, here: Mapping[str, int]) -> Facet:
    counts = _counts(wish.but(**{name: ""}), None) if getattr(wish, name) else here
    found = {trait.partition(":")[2]: number for trait, number in counts.items() if trait.startswith(f"{name}:")}
    labels = LABELS.get(name) or {value: value for value in sorted(found, key=lambda v: -found[v])[:MOST_LANGUAGES]}
    return Facet(name, TITLES[name], tuple(Choice(v, label, found[v]) for v, label in labels.items() if v in found))


def _counts(wish: Wish, ids: Sequence[UUID] | None) -> Mapping[str, int]:
    if not wish.q and not wish.tag:
        return _cube(everything=bool(wish.all)).counts(wish.traits)
    return _traits(matching.looked_at(wish) if ids is None else Entry.objects.filter(pk__in=ids))


def _traits(entries: QuerySet[Entry]) -> dict[str, int]:
    rows = entries.annotate(trait=_Unnest(F("traits"))).values_list("trait").annotate(number=Count("pk"))
    return dict(rows)


_kept: dict[bool, tuple[float, Cube]] = {}
_counting = Lock()


def _cube(*, everything: bool) -> Cube:
    """Of a large market, counted at most once a minute in a process; who comes meanwhile gets the last one."""
    until, cube = _kept.get(everything, (0.0, None))
    if cube is not None and (until > time.monotonic() or not _counting.acquire(blocking=False)):
        return cube
    if cube is None:
        _counting.acquire()
    try:
        cube = _count(everything=everything)
        if cube.total(()) > LARGE:
            _kept[everything] = (time.monotonic() + FRESH_SECONDS, cube)
        return cube
    finally:
        _counting.release()


def _count(*, everything: bool) -> Cube:
    entries = Entry.objects.all() if everything else Entry.objects.filter(usable=True)
    rows = list(entries.values_list("traits").annotate(number=Count("pk")).order_by())
    traits = {trait: at for at, trait in enumerate(sorted({trait for found, _ in rows for trait in found}))}
    has = np.zeros((len(rows), len(traits)), dtype=bool)
    for row, (found, _) in enumerate(rows):
        has[row, [traits[trait] for trait in found]] = True
    return Cube(traits, has, np.array([number for _, number in rows], dtype=np.int64))
