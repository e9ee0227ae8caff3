"""What every effect answers, and what it may use while it happens.

All expressions of an action are worked out on the state as it was before the action: first every effect weighs, then
every effect is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from simulations.engine.randomness import Ints
from simulations.engine.world.formulas import Formula
from simulations.engine.world.post import Post
from simulations.engine.world.scene import Array, RowSight, Scene, Sight
from simulations.engine.world.slots import SlotForm
from simulations.engine.world.watching import Watch


class Nursery(Protocol):
    """Where new agents come from."""

    def spawn(self, archetype: str, parents: Ints, given: Mapping[str, Array]) -> Ints:
        """One new agent for each parent, beside it; `given` are slots that are not as usual. Returns their rows."""
        ...


@dataclass(slots=True)
class Doing:
    """What effects have at hand. `refused` counts those that could not be done (no room, nothing there to take)."""

    scene: Scene
    watch: Watch
    forms: Mapping[str, SlotForm]
    nursery: Nursery
    post: Post
    refused: int = 0
    leaving: list[int] = field(default_factory=list)

    def put(self, slot: str, row: int, value: Any) -> None:
        """Write one value, made to fit; whoever may see it is noted."""
        fitting = self.forms[slot].fit(value)
        cells = self.scene.state.cells(slot)
        if cells[row] != fitting:
            cells[row] = fitting
            self.watch.changed(slot, row)

    def share(self, kind: str, name: str, value: float) -> None:
        """Give a global or a pool a value."""
        numbers = self.scene.shared if kind == "global" else self.scene.pools
        numbers.values[name] = float(value)
        self.watch.shared(f"{kind}.{name}")

    def let_go(self) -> None:
        """Those who leave do it now, after everything else."""
        for row in self.leaving:
            start = self.scene.space.place_of(row)
            self.scene.space.remove(row)
            self.scene.state.put("alive", row, value=False)
            self.watch.moved(row, start)
            self.watch.changed("alive", row)
            self.post.leave(row)
        self.leaving.clear()


class Effect(Protocol):
    """Something that an action does. `ordered`: who is first matters, so agents must be given in their order."""

    when: Formula | None
    ordered: bool

    def weigh(self, sight: Sight) -> Any:
        """Work out for many, aligned with the sight's rows, what will be done; nothing is changed."""
        ...

    def do(self, doing: Doing, rows: Ints, weighed: Any) -> None:
        """Do it for many at once."""
        ...

    def weigh_one(self, sight: RowSight) -> Any:
        """Work it out for one."""
        ...

    def do_one(self, doing: Doing, row: int, weighed: Any) -> None:
        """Do it for one, as others have left the world; note whose view changes."""
        ...


def holds(when: Formula | None, sight: RowSight) -> bool:
    return when is None or bool(when.one(sight))


def those(when: Formula | None, sight: Sight) -> Sight:
    """The sight of those for whom the condition holds."""
    if when is None:
        return sight
    chosen = when.columns(sight).astype(np.bool_)
    return sight if chosen.all() else sight.where(chosen)
