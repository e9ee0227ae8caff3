"""Who acts in a step, by the declared activation. Each round is made when it is asked for, as the one before left the world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from simulations.engine.randomness import Ints
from simulations.engine.world.blueprint import Blueprint
from simulations.engine.world.contract import Round
from simulations.engine.world.scene import Scene
from simulations.engine.world.waiting import Waiting


class Rounds(Sequence[Round]):
    """The rounds of the present step. `ordered`: it matters who comes first even where all act at once.

    `enter` is called when a stage begins.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        scene: Scene,
        waiting: Waiting,
        activation: str,
        *,
        ordered: bool,
        enter: Callable[[], None],
    ) -> None:
        self.blueprint, self.scene, self.waiting = blueprint, scene, waiting
        self.activation, self.ordered, self.enter = activation, ordered, enter
        self.stages = blueprint.spec.time.stages if activation == "staged" else ("",)

    def __len__(self) -> int:
        return len(self.stages)

    def __getitem__(self, number: Any) -> Any:
        living = self.scene.state.living()
        if self.activation == "staged":
            return self._stage(number, living)
        if self.activation == "event":
            return Round(self.waiting.soon(), in_turn=True)
        if self.activation == "random":
            return Round(self.scene.chance.shuffled("order", living), in_turn=True)
        return Round(self._order("order", living))

    def _stage(self, number: int, living: Ints) -> Round:
        stage = self.stages[number]
        self.scene.stage = number
        self.enter()
        theirs = [place for place, kind in enumerate(self.blueprint.kinds) if kind.stage in (None, stage)]
        rows = living[np.isin(self.scene.state["archetype"][living], theirs)]
        return Round(self._order(f"order {stage}", rows), stage=stage)

    def _order(self, stream: str, rows: Ints) -> Ints:
        return self.scene.chance.shuffled(stream, rows) if self.ordered else rows
