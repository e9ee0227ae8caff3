"""Moving through space."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from simulations.engine.randomness import Ints
from simulations.engine.spaces import PlaceTaken, Site
from simulations.engine.world.effects.doing import Doing
from simulations.engine.world.formulas import MOST_SITES, Formula
from simulations.engine.world.scene import RowSight, Sight

Goal = Literal["random_empty", "random_neighbor", "partner"]


class Move:
    """To a random empty place, a random one beside, or beside whom one meets. Who finds no room stays and is counted."""

    ordered = True

    def __init__(self, goal: Goal, when: Formula | None, path: str) -> None:
        self.goal, self.when, self.path = goal, when, path

    def weigh(self, sight: Sight) -> Ints:
        return sight.rows

    def do(self, doing: Doing, rows: Ints, weighed: Any) -> None:
        if self.goal == "random_empty":
            self._scatter(doing, rows)
        else:
            for row in rows.tolist():
                self.do_one(doing, row, None)

    def _scatter(self, doing: Doing, rows: Ints) -> None:
        """All at once into places that were empty when they decided; if there are too few, the first get them."""
        space = doing.scene.space
        places = space.empties(rows.size, doing.scene.chance, stream=self.path)
        doing.refused += int(rows.size - len(places))
        space.place(rows[: len(places)], places)

    def weigh_one(self, sight: RowSight) -> None:
        """Nothing is known before it happens."""

    def do_one(self, doing: Doing, row: int, weighed: Any) -> None:
        go(doing, row, self._goal(doing, row))

    def _goal(self, doing: Doing, row: int) -> Site | None:
        scene = doing.scene
        if self.goal == "partner":
            return scene.space.random_neighbor(int(scene.partner[row]), self._draw(doing, row))
        if self.goal == "random_neighbor":
            return scene.space.random_neighbor(row, self._draw(doing, row))
        return scene.space.random_empty(self._draw(doing, row)) if scene.space.empty_count else None

    def _draw(self, doing: Doing, row: int) -> float:
        scene = doing.scene
        return scene.chance.draw(self.path, row, scene.occurrence * MOST_SITES)


class MoveTo:
    """To coordinates that are worked out."""

    ordered = True

    def __init__(self, x: Formula, y: Formula, when: Formula | None) -> None:
        self.x, self.y, self.when = x, y, when

    def weigh(self, sight: Sight) -> list[tuple[float, float]]:
        return list(zip(self.x.columns(sight).tolist(), self.y.columns(sight).tolist(), strict=True))

    def do(self, doing: Doing, rows: Ints, weighed: list[tuple[float, float]]) -> None:
        if doing.scene.space.discrete:
            for row, goal in zip(rows.tolist(), weighed, strict=True):
                self.do_one(doing, row, goal)
        elif rows.size:
            doing.scene.space.place(rows, np.asarray(weighed))

    def weigh_one(self, sight: RowSight) -> tuple[float, float]:
        return float(self.x.one(sight)), float(self.y.one(sight))

    def do_one(self, doing: Doing, row: int, weighed: tuple[float, float]) -> None:
        try:
            goal = doing.scene.space.site_at(*weighed)
        except PlaceTaken:
            goal = None
        go(doing, row, goal)


def go(doing: Doing, row: int, goal: Site | None) -> None:
    """Move one agent, if there is room for it."""
    space = doing.scene.space
    start = space.place_of(row)
    try:
        if goal is None:
            raise PlaceTaken("There is no such place.")
        space.move(row, goal)
    except PlaceTaken:
        doing.refused += 1
        return
    if goal != start:
        doing.watch.moved(row, start)
        for column in space.columns:
            doing.watch.changed(column.name, row)
