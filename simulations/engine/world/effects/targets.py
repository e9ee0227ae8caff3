"""On whom an effect works: oneself, whom one meets, or a crowd of neighbours.

Expressions are worked out where the effect arrives: bare names are the target's, `self.` those of the agent that acts, and
what came with the action (arguments) is the same for all of them.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from simulations.engine.expressions import Expression
from simulations.engine.randomness import Ints
from simulations.engine.world.scene import RowSight, Scene, Sight


class Target(Protocol):
    """Finds the rows that an effect works on."""

    def many(self, sight: Sight) -> tuple[Ints, Ints]:
        """(which, rows): the targets of all that act, and the place in the sight of whoever acts on each."""
        ...

    def one(self, scene: Scene, row: int) -> list[int]: ...


class Partner:
    """Whom one meets in this step; nobody where one has nobody to meet."""

    def many(self, sight: Sight) -> tuple[Ints, Ints]:
        rows = sight.scene.partner[sight.rows]
        which = np.flatnonzero((rows != sight.rows) & sight.scene.state["alive"][rows])
        return which, rows[which]

    def one(self, scene: Scene, row: int) -> list[int]:
        partner = int(scene.partner[row])
        return [partner] if partner != row and scene.state.cells("alive")[partner] else []


class Neighbors:
    """Those around, if the condition holds for them (bare names theirs, `self.` of the one that acts)."""

    def __init__(self, where: Expression | None, *, and_self: bool) -> None:
        self.and_self = and_self
        self._where = where.columns() if where else None
        self._test = where.scalar(coded=True) if where else None

    def many(self, sight: Sight) -> tuple[Ints, Ints]:
        rows, mask = sight.scene.space.neighbors(sight.rows, and_self=self.and_self).padded()
        which = np.broadcast_to(np.arange(sight.rows.size), rows.shape)[mask]
        rows = rows[mask]
        order = np.argsort(which, kind="stable")
        which, rows = which[order], rows[order]
        if self._where is None:
            return which, rows
        chosen = self._where(TargetSight(sight, which, rows), None, rows.size)
        return which[chosen], rows[chosen]

    def one(self, scene: Scene, row: int) -> list[int]:
        near = scene.near(row)
        if self.and_self:
            near = [row, *near]
        if self._test is None:
            return near
        own = RowSight(scene, row)
        return [other for other in near if self._test(TargetRowSight(own, other))]


class Everyone:
    """All agents, or all of an archetype, without oneself unless `and_self`; if the condition holds for them."""

    def __init__(self, archetype: int | None, where: Expression | None, *, and_self: bool) -> None:
        self.archetype = archetype
        self.and_self = and_self
        self._where = where.columns() if where else None

    def many(self, sight: Sight) -> tuple[Ints, Ints]:
        members = sight.scene.members(self.archetype)
        which = np.repeat(np.arange(sight.rows.size), members.size)
        rows = np.tile(members, sight.rows.size)
        chosen = np.ones(rows.size, np.bool_) if self.and_self else rows != sight.rows[which]
        if self._where is not None:
            chosen &= self._where(TargetSight(sight, which, rows), None, rows.size)
        return which[chosen], rows[chosen]

    def one(self, scene: Scene, row: int) -> list[int]:
        found: list[int] = self.many(Sight(scene, np.asarray([row])))[1].tolist()
        return found


class TargetSight(Sight):
    """Names as they are for the targets; `which` is the place of each target's agent in the sight of those who act."""

    def __init__(self, acting: Sight, which: Ints, rows: Ints) -> None:
        known = {name: _spread(acting[name], which) for name in acting.given}
        super().__init__(acting.scene, rows, known, {})
        self.acting = acting
        self.which = which

    def _look(self, name: str) -> Any:
        if name.startswith("self."):
            return _spread(self.acting[name[5:]], self.which)
        if name.startswith("partner."):
            return _spread(self.acting[name], self.which)
        try:
            return self.scene.values(name, self.rows)
        except KeyError:
            return _spread(self.acting[name], self.which)


class TargetRowSight(RowSight):
    """The same for one target."""

    def __init__(self, acting: RowSight, row: int) -> None:
        super().__init__(acting.scene, row, acting.given)
        self.acting = acting

    def __missing__(self, name: str) -> Any:
        if name.startswith("self."):
            value = self.acting[name[5:]]
        elif name.startswith("partner."):
            value = self.acting[name]
        else:
            value = self.scene.getter(name)(self.row)
        self[name] = value
        return value


def _spread(values: Any, which: Ints) -> Any:
    return values[which] if np.ndim(values) else values
