"""Derived values: worked out for everyone before anybody looks, and for one agent when others have just acted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulations.engine.randomness import Ints
from simulations.engine.world.blueprint import Blueprint
from simulations.engine.world.compiling.agents import Derived
from simulations.engine.world.crowds import WideAggregate
from simulations.engine.world.observing import value_of
from simulations.engine.world.scene import Getter, Scene, Sight
from simulations.engine.world.watching import Watch


class Deriving:
    """All derived values of a scenario, in their order."""

    def __init__(self, blueprint: Blueprint, scene: Scene, watch: Watch) -> None:
        self.derived = blueprint.derived
        self.scene = scene
        self.watch = watch
        self.several = len(blueprint.kinds) > 1
        self._once: dict[str, tuple[int, Any]] = {}

    def all(self) -> None:
        """Bring every derived value of every agent up to date."""
        for each in self.derived:
            if each.scalar and isinstance(each.source, WideAggregate):
                self.scene.scalars[each.name] = each.source.now(self.scene)
                continue
            rows = self._rows(each.archetype)
            values = each.source.columns(Sight(self.scene, rows))
            self.scene.state.write_rows(each.name, rows, values)

    def _rows(self, archetype: int) -> Ints:
        state = self.scene.state
        if self.several:
            return np.flatnonzero(state["archetype"] == archetype)
        return np.arange(state.rows)

    def fresh(self) -> Mapping[str, Getter]:
        """For one row, while agents act in turn: the kept value, or a new one where something near it has changed."""
        named: dict[str, dict[int, Derived]] = {}
        for each in self.derived:
            named.setdefault(each.name, {})[each.archetype] = each
        return {name: self._getter(name, by_archetype) for name, by_archetype in named.items()}

    def _getter(self, name: str, by_archetype: Mapping[int, Derived]) -> Getter:
        first = next(iter(by_archetype.values()))
        if first.scalar:
            return self._shared(first)
        scene, watch = self.scene, self.watch
        kept, archetype = scene.state.cells(name), scene.state.cells("archetype")
        plain = {"b": bool, "i": int, "u": int, "f": float}[scene.state[name].dtype.kind]

        def get(row: int) -> Any:
            if not (watch.everyone or row in watch.rows):
                return kept[row]
            mine = by_archetype.get(archetype[row])
            return kept[row] if mine is None else plain(value_of(mine.source, scene, row))

        return get

    def _shared(self, derived: Derived) -> Getter:
        """Worked out anew only when something that everyone can see has changed since."""
        source, name = derived.source, derived.name
        assert isinstance(source, WideAggregate)  # noqa: S101  # only these are the same for everyone

        def get(_: int) -> Any:
            if not self.watch.everyone:
                return self.scene.scalars[name]
            serial, value = self._once.get(name, (-1, None))
            if serial != self.watch.serial:
                value = source.now(self.scene)
                self._once[name] = (self.watch.serial, value)
            return value

        self._once.pop(name, None)
        return get
