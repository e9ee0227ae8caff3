"""Coming into being, leaving, being joined and parted, saying something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from agents.protocol.errors import BadMessage
from agents.protocol.messages import How
from simulations.engine.randomness import Ints
from simulations.engine.spaces import PlaceTaken
from simulations.engine.world.effects.doing import Doing
from simulations.engine.world.formulas import MOST_SITES, Formula
from simulations.engine.world.scene import Array, RowSight, Sight
from simulations.engine.world.wording import Wording

Audience = Literal["partner", "neighbors", "all"]


@dataclass(frozen=True, slots=True)
class Topic:
    """Whoever listens to it."""

    name: str


class Create:
    """A new agent beside the one that makes it."""

    ordered = True

    def __init__(self, archetype: str, given: Mapping[str, Formula], when: Formula | None) -> None:
        self.archetype, self.given, self.when = archetype, dict(given), when

    def weigh(self, sight: Sight) -> dict[str, Array]:
        return {slot: value.columns(sight) for slot, value in self.given.items()}

    def do(self, doing: Doing, rows: Ints, weighed: dict[str, Array]) -> None:
        for row in doing.nursery.spawn(self.archetype, rows, weighed).tolist():
            doing.watch.changed("alive", row)

    def weigh_one(self, sight: RowSight) -> dict[str, Array]:
        return {slot: np.asarray([value.one(sight)]) for slot, value in self.given.items()}

    def do_one(self, doing: Doing, row: int, weighed: dict[str, Array]) -> None:
        for new in doing.nursery.spawn(self.archetype, np.asarray([row]), weighed).tolist():
            doing.watch.moved(new, doing.scene.space.place_of(new))
            doing.watch.changed("alive", new)


class Remove:
    """The agent leaves for good, after everything else."""

    ordered = False

    def __init__(self, when: Formula | None) -> None:
        self.when = when

    def weigh(self, sight: Sight) -> Ints:
        return sight.rows

    def do(self, doing: Doing, rows: Ints, weighed: Any) -> None:
        doing.leaving.extend(rows.tolist())

    def weigh_one(self, sight: RowSight) -> None:
        """Nothing to work out."""

    def do_one(self, doing: Doing, row: int, weighed: Any) -> None:
        doing.leaving.append(row)


class Join:
    """A link to whom one meets or to somebody at random, or the end of one."""

    ordered = True

    def __init__(self, *, parts: bool, to: Literal["partner", "random"], when: Formula | None, path: str) -> None:
        self.parts, self.to, self.when, self.path = parts, to, when, path

    def weigh(self, sight: Sight) -> Ints:
        return sight.rows

    def do(self, doing: Doing, rows: Ints, weighed: Any) -> None:
        for row in rows.tolist():
            self.do_one(doing, row, None)

    def weigh_one(self, sight: RowSight) -> None:
        """Nothing is known before it happens."""

    def do_one(self, doing: Doing, row: int, weighed: Any) -> None:
        other = self._other(doing, row)
        space: Any = doing.scene.space
        try:
            done = other != row and (space.unlink(row, other) if self.parts else space.link(row, other))
        except PlaceTaken:
            done = False
        doing.refused += not done
        if done:
            doing.watch.moved(row, space.place_of(row))
            doing.watch.moved(other, space.place_of(other))

    def _other(self, doing: Doing, row: int) -> int:
        scene = doing.scene
        if self.to == "partner":
            return int(scene.partner[row])
        draw = scene.chance.draw(self.path, row, scene.occurrence * MOST_SITES)
        others = scene.space.neighbors_of(row) if self.parts else scene.state.living().tolist()
        return others[int(draw * len(others))] if others else row


class Send:
    """A message over the bus, which its readers find when they look next. What cannot be a message counts as refused."""

    ordered = True

    def __init__(self, to: Audience | Topic, wording: Wording, when: Formula | None, how: How) -> None:
        self.to, self.wording, self.when, self.how = to, wording, when, how

    def weigh(self, sight: Sight) -> list[str]:
        return [self.wording.one(RowSight(sight.scene, row)) for row in sight.rows.tolist()]

    def do(self, doing: Doing, rows: Ints, weighed: list[str]) -> None:
        for row, text in zip(rows.tolist(), weighed, strict=True):
            self.do_one(doing, row, text)

    def weigh_one(self, sight: RowSight) -> str:
        return self.wording.one(sight)

    def do_one(self, doing: Doing, row: int, weighed: str) -> None:
        try:
            self._say(doing, row, weighed)
        except BadMessage:
            doing.refused += 1

    def _say(self, doing: Doing, row: int, text: str) -> None:
        bus = doing.post.bus
        if isinstance(self.to, Topic):
            bus.publish(self.to.name, text, sender=row, **self.how)
        elif self.to == "all":
            bus.broadcast(text, sender=row, **self.how)
        elif self.to == "neighbors":
            bus.broadcast(text, sender=row, among=("neighbors", doing.scene.space.neighbors_of(row)), **self.how)
        elif (partner := int(doing.scene.partner[row])) != row:
            bus.send(text, sender=row, to=partner, **self.how)
