"""An expression at its place in a scenario: over columns, or for one agent at a time, with random numbers of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulations.engine.expressions import Expression
from simulations.engine.expressions.nodes import Name
from simulations.engine.world.scene import Array, RowSight, Sight

MOST_SITES = 64
"""Random numbers that one expression may take in one turn of an agent; the next turn in the same step takes the next."""


class Formula:
    """`path` says where the expression stands; its stream of random numbers is named after it."""

    __slots__ = ("_columns", "_scalar", "alias", "constant", "expression", "path")

    def __init__(self, expression: Expression, path: str) -> None:
        self.expression = expression
        self.path = path
        self._columns = expression.columns()
        self._scalar = expression.scalar(coded=True)
        self.constant = expression.constant if not isinstance(expression.constant, str) else None
        self.alias = expression.tree.key if isinstance(expression.tree, Name) else None

    def columns(self, sight: Sight) -> Array:
        """One value for each row of the sight, never a view of the state."""
        found = self._columns(sight, self._draws(sight), sight.rows.size)
        return found if found.base is None and found.flags.writeable else found.copy()

    def shared(self, sight: Sight) -> Any:
        """One value for each row, or a single one where no name in it differs between agents."""
        return self._columns(sight, self._draws(sight))

    def one(self, sight: RowSight) -> Any:
        """The value for one agent, a plain number; words as positions."""
        if self.constant is not None:
            return self.constant
        if self.alias is not None:
            return sight[self.alias]
        return self._scalar(sight, self._draw(sight) if self.expression.draws else None)

    def _draws(self, sight: Sight) -> Any:
        if not self.expression.draws:
            return None
        scene = sight.scene
        first = scene.occurrence * MOST_SITES
        return lambda site: scene.chance.draws(self.path, sight.rows, first + site)

    def _draw(self, sight: RowSight) -> Any:
        scene = sight.scene
        first = scene.occurrence * MOST_SITES
        return lambda site: scene.chance.draw(self.path, sight.row, first + site)


def whole(rows: int) -> Array:
    """All rows in order."""
    return np.arange(rows)
