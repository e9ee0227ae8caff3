"""By events: each agent acts when its wait is over, then waits anew. When each is due is a column of the state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from simulations.engine.clock import EventClock
from simulations.engine.randomness import Ints
from simulations.engine.world.blueprint import Kind
from simulations.engine.world.scene import RowSight, Scene, Sight

_SHORTEST = 1e-3


class Waiting:
    """Waits are at least a thousandth of a step, so that a step comes to an end."""

    def __init__(self, scene: Scene, kinds: Sequence[Kind]) -> None:
        self.scene = scene
        self.kinds = kinds
        self.clock = EventClock()

    def begin(self, rows: Ints, now: float) -> None:
        """These agents wait from now on."""
        state = self.scene.state
        for number, kind in enumerate(self.kinds):
            mine = rows[state["archetype"][rows] == number]
            if kind.every is not None and mine.size:
                waits = np.maximum(kind.every.columns(Sight(self.scene, mine)), _SHORTEST)
                state.write_rows("due", mine, now + waits)
        for row, time in zip(rows.tolist(), state["due"][rows].tolist(), strict=True):
            self.clock.add(time, row)

    def begin_again(self, row: int) -> None:
        """One has acted; unless it is gone, it waits anew."""
        state = self.scene.state
        if not state.cells("alive")[row]:
            return
        every = self.kinds[state.cells("archetype")[row]].every
        if every is None:
            return
        wait = float(every.one(RowSight(self.scene, row)))
        due = state.cells("due")[row] + max(wait, _SHORTEST)
        state.put("due", row, due)
        self.clock.add(due, row)

    def wind(self) -> None:
        """Set the clock by the state."""
        living = self.scene.state.living()
        self.clock.wind(zip(self.scene.state["due"][living].tolist(), living.tolist(), strict=True))

    def soon(self) -> Ints:
        """Who is due within the step, as it begins, in the order of time."""
        living = self.scene.state.living()
        due = self.scene.state["due"][living]
        now = due <= self.scene.step
        return living[now][np.argsort(due[now], kind="stable")]

    def turns(self) -> Iterator[int]:
        """Whoever is due within the step, also those that become due while others act."""
        self.wind()
        seen: Counter[int] = Counter()
        while (due := self.clock.pop(float(self.scene.step))) is not None:
            self.scene.time, row = due
            self.scene.memo.clear()
            self.scene.occurrence = seen[row]
            seen[row] += 1
            yield row
