"""Which changes can change what somebody sees: followed through observations, derived values and crowds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from simulations.engine.world.compiling.agents import Derived, Source
from simulations.engine.world.crowds import Aggregate, WideAggregate
from simulations.engine.world.formulas import Formula
from simulations.engine.world.observing import Eyes
from simulations.engine.world.watching import Reads

_SITED = frozenset({"x", "y", "place"})
_SHARED = frozenset({"global", "pool", "market", "space"})


def trace(eyes: Sequence[Eyes], derived: Sequence[Derived], slots: Iterable[str]) -> Reads:
    """`eyes` in the order of the archetypes; `slots` are all that agents have."""
    tracer = _Tracer(derived, slots)
    for archetype, each in enumerate(eyes):
        for field in each.fields:
            tracer.source(archetype, field.source, 0)
        for _, condition in each.conditions:
            tracer.source(archetype, condition, 0)
    return tracer.reads


class _Tracer:
    def __init__(self, derived: Sequence[Derived], slots: Iterable[str]) -> None:
        self.derived = {(each.archetype, each.name): each for each in derived}
        self.archetypes = {each.archetype for each in derived} | {0}
        self.slots = frozenset(slots)
        self.reads = Reads()

    def source(self, archetype: int, source: Source | Any, distance: int) -> None:
        if isinstance(source, Formula):
            self._names(archetype, source, distance)
        elif isinstance(source, Aggregate):
            self.reads.presence = max(self.reads.presence, distance + 1)
            self._crowd(archetype, source, distance)
        elif isinstance(source, WideAggregate):
            self._wide(archetype, source, distance)

    def _names(self, archetype: int, formula: Formula, distance: int) -> None:
        for name in formula.expression.names:
            self.name(archetype, name, distance)
        for past in formula.expression.past:
            self.name(archetype, past.slot, distance)

    def _crowd(self, archetype: int, aggregate: Aggregate, distance: int) -> None:
        for name in _names_of(aggregate):
            if name.startswith("self."):
                self.name(archetype, name[5:], distance)
            else:
                self._in_any(name, distance + 1)

    def _in_any(self, name: str, distance: int) -> None:
        for archetype in self.archetypes:
            self.name(archetype, name, distance)

    def _wide(self, archetype: int, aggregate: WideAggregate, distance: int) -> None:
        self.reads.everyone.add("alive")
        for name in _names_of(aggregate):
            if name.startswith("self."):
                self.name(archetype, name[5:], distance)
            else:
                self.reads.everyone |= self._behind(name)

    def _behind(self, name: str) -> set[str]:
        """All that a value of somebody's depends on, wherever it is."""
        inner = _Tracer(tuple(self.derived.values()), self.slots)
        inner._in_any(name, 0)
        seen = inner.reads
        return {*seen.own, *seen.near, *seen.partner, *seen.everyone}

    def name(self, archetype: int, name: str, distance: int) -> None:
        root, dot, rest = name.partition(".")
        if root == "self":
            self.name(archetype, rest, distance)
        elif root == "partner" and dot:
            self._partner(rest)
        elif dot and root in _SHARED:
            self.reads.everyone.add(name if root != "market" else f"market.{rest.partition('.')[0]}")
        elif (archetype, name) in self.derived:
            self.source(archetype, self.derived[archetype, name].source, distance)
        elif name in _SITED:
            for column in _SITED:
                self.reads.see(column, distance)
        elif name in self.slots:
            self.reads.see(name, distance)

    def _partner(self, name: str) -> None:
        inner = _Tracer(tuple(self.derived.values()), self.slots)
        inner._in_any(name, 0)
        self.reads.partner |= inner.reads.own
        self.reads.everyone |= {*inner.reads.near, *inner.reads.partner, *inner.reads.everyone}


def _names_of(aggregate: Aggregate | WideAggregate) -> set[str]:
    names = {name for each in (aggregate.where, aggregate.of) if each is not None for name in each.names}
    return names | {aggregate.take} if aggregate.take else names
