"""Giving slots, globals and pools a value, or adding to them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from simulations.engine.randomness import Ints
from simulations.engine.world.effects.doing import Doing
from simulations.engine.world.effects.targets import Target, TargetRowSight, TargetSight
from simulations.engine.world.formulas import Formula
from simulations.engine.world.scene import Array, RowSight, Sight

Manner = Literal["set", "add"]


class ChangeOwn:
    """`set` or `add` to a slot of oneself."""

    ordered = False

    def __init__(self, manner: Manner, slot: str, value: Formula, when: Formula | None) -> None:
        self.manner, self.slot, self.value, self.when = manner, slot, value, when

    def weigh(self, sight: Sight) -> Array:
        return self.value.columns(sight)

    def do(self, doing: Doing, rows: Ints, weighed: Array) -> None:
        if self.manner == "add":
            weighed = weighed + doing.scene.state[self.slot][rows]
        doing.scene.state.write_rows(self.slot, rows, doing.forms[self.slot].fit_column(weighed))

    def weigh_one(self, sight: RowSight) -> Any:
        return self.value.one(sight)

    def do_one(self, doing: Doing, row: int, weighed: Any) -> None:
        if self.manner == "add":
            weighed += doing.scene.state.cells(self.slot)[row]
        doing.put(self.slot, row, weighed)


class ChangeOthers:
    """`set` or `add` to a slot of whom one meets, or of neighbours. At the same time: what is added adds up, the last set stays."""

    ordered = True

    def __init__(self, manner: Manner, slot: str, value: Formula, target: Target, when: Formula | None) -> None:
        self.manner, self.slot, self.value, self.target, self.when = manner, slot, value, target, when

    def weigh(self, sight: Sight) -> tuple[Ints, Array]:
        which, rows = self.target.many(sight)
        return rows, self.value.columns(TargetSight(sight, which, rows))

    def do(self, doing: Doing, rows: Ints, weighed: tuple[Ints, Array]) -> None:
        targets, values = weighed
        state, form = doing.scene.state, doing.forms[self.slot]
        if self.manner == "set":
            state.write_rows(self.slot, targets, form.fit_column(values))
            return
        total = np.bincount(targets, weights=values, minlength=state.rows)
        changed = np.unique(targets)
        state.write_rows(self.slot, changed, form.fit_column(state[self.slot][changed] + total[changed]))

    def weigh_one(self, sight: RowSight) -> list[tuple[int, Any]]:
        targets = self.target.one(sight.scene, sight.row)
        return [(row, self.value.one(TargetRowSight(sight, row))) for row in targets]

    def do_one(self, doing: Doing, row: int, weighed: list[tuple[int, Any]]) -> None:
        cells = doing.scene.state.cells(self.slot)
        for target, value in weighed:
            doing.put(self.slot, target, value if self.manner == "set" else value + cells[target])


class ChangeShared:
    """`set` or `add` to a global or a pool. At the same time: what is added adds up, of several sets the last one's stays."""

    ordered = True

    def __init__(self, manner: Manner, kind: str, name: str, value: Formula, when: Formula | None) -> None:
        self.manner, self.kind, self.name, self.value, self.when = manner, kind, name, value, when

    def weigh(self, sight: Sight) -> Array:
        return self.value.columns(sight)

    def do(self, doing: Doing, rows: Ints, weighed: Array) -> None:
        if rows.size:
            self._change(doing, float(weighed.sum()) if self.manner == "add" else float(weighed[-1]))

    def weigh_one(self, sight: RowSight) -> Any:
        return self.value.one(sight)

    def do_one(self, doing: Doing, row: int, weighed: Any) -> None:
        self._change(doing, float(weighed))

    def _change(self, doing: Doing, value: float) -> None:
        if self.manner == "add":
            numbers = doing.scene.shared if self.kind == "global" else doing.scene.pools
            value += numbers.values[self.name]
        doing.share(self.kind, self.name, max(0.0, value) if self.kind == "pool" else value)
