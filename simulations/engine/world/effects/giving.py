"""Handing over, and taking from what all share."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from simulations.engine.randomness import Ints
from simulations.engine.world.effects.doing import Doing
from simulations.engine.world.effects.targets import Partner
from simulations.engine.world.formulas import Formula
from simulations.engine.world.scene import Array, RowSight, Sight

Resolve = Literal["priority", "auction", "ration"]


class Transfer:
    """An amount of a slot from oneself to whom one meets; a negative one comes from there. Nothing is made or lost.

    Nobody gives more than it has above the slot's least (zero where none is declared).
    """

    ordered = True

    def __init__(self, slot: str, amount: Formula, when: Formula | None) -> None:
        self.slot, self.amount, self.when = slot, amount, when
        self.target = Partner()

    def weigh(self, sight: Sight) -> tuple[Ints, Ints, Array]:
        which, partners = self.target.many(sight)
        return sight.rows[which], partners, self.amount.columns(sight)[which]

    def do(self, doing: Doing, rows: Ints, weighed: tuple[Ints, Ints, Array]) -> None:
        givers, takers, amounts = weighed
        if (amounts < 0).any() or math.isfinite(doing.forms[self.slot].high):
            for giver, taker, amount in zip(givers.tolist(), takers.tolist(), amounts.tolist(), strict=True):
                self.do_one(doing, giver, (taker, amount))
            return
        state = doing.scene.state
        given = np.minimum(amounts, np.maximum(state[self.slot][givers] - self._least(doing), 0))
        state.write_rows(self.slot, givers, state[self.slot][givers] - given)
        got = np.bincount(takers, weights=given, minlength=state.rows)
        changed = np.unique(takers)
        state.write_rows(self.slot, changed, state[self.slot][changed] + got[changed])

    def weigh_one(self, sight: RowSight) -> tuple[int, float] | None:
        found = self.target.one(sight.scene, sight.row)
        return (found[0], float(self.amount.one(sight))) if found else None

    def do_one(self, doing: Doing, row: int, weighed: tuple[int, float] | None) -> None:
        if weighed is None:
            return
        taker, amount = weighed
        giver, taker, amount = (row, taker, amount) if amount >= 0 else (taker, row, -amount)
        cells, most = doing.scene.state.cells(self.slot), doing.forms[self.slot].high
        amount = min(amount, max(cells[giver] - self._least(doing), 0), max(most - cells[taker], 0))
        left, got = cells[giver] - amount, cells[taker] + amount
        doing.put(self.slot, giver, left)
        doing.put(self.slot, taker, got)

    def _least(self, doing: Doing) -> float:
        low = doing.forms[self.slot].low
        return low if math.isfinite(low) else 0.0


class Take:
    """An amount from a pool into a slot. Where more is wanted than there is: `ration` in proportion, else first come, first served."""

    ordered = True

    def __init__(self, pool: str, amount: Formula, into: str, resolve: Resolve, when: Formula | None) -> None:
        self.pool, self.amount, self.into, self.resolve, self.when = pool, amount, into, resolve, when

    def weigh(self, sight: Sight) -> Array:
        wanted: Array = np.maximum(self.amount.columns(sight), 0)
        return wanted

    def do(self, doing: Doing, rows: Ints, weighed: Array) -> None:
        there, wanted = doing.scene.pools.values[self.pool], float(weighed.sum())
        if self.resolve == "ration" and wanted > there:
            got = weighed * (there / wanted)
        else:
            got = np.clip(there - (np.cumsum(weighed) - weighed), 0, weighed)
        doing.refused += int(np.count_nonzero(got < weighed))
        state, form = doing.scene.state, doing.forms[self.into]
        state.write_rows(self.into, rows, form.fit_column(state[self.into][rows] + got))
        doing.share("pool", self.pool, max(0.0, there - float(got.sum())))

    def weigh_one(self, sight: RowSight) -> float:
        return max(0.0, float(self.amount.one(sight)))

    def do_one(self, doing: Doing, row: int, weighed: Any) -> None:
        there = doing.scene.pools.values[self.pool]
        got = min(weighed, there)
        doing.refused += got < weighed
        doing.put(self.into, row, doing.scene.state.cells(self.into)[row] + got)
        doing.share("pool", self.pool, there - got)
