"""From what agents have chosen to what happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulations.engine.decisions import Choices
from simulations.engine.randomness import Ints
from simulations.engine.world.blueprint import Blueprint
from simulations.engine.world.compiling.deeds import Deed
from simulations.engine.world.contract import Args
from simulations.engine.world.effects.doing import Doing, Effect, holds, those
from simulations.engine.world.scene import Array, RowSight, Scene, Sight


class Acting:
    """`ordered`: there are effects for which it matters who comes first."""

    def __init__(self, blueprint: Blueprint, scene: Scene, doing: Doing) -> None:
        self.kinds = blueprint.kinds
        self.archetypes = blueprint.archetypes
        self.scene = scene
        self.doing = doing
        self.ordered = any(deed.ordered for kind in self.kinds for deed in kind.deeds)

    def together(self, order: Ints, choices: Mapping[str, tuple[Ints, Choices]]) -> None:
        """Everything is weighed on the state as it is, then everything is done, action by action."""
        ranks = self._ranks(order) if self.ordered else None
        weighed: list[tuple[Effect, Ints, Any]] = []
        for archetype, (rows, chosen) in choices.items():
            kind = self.kinds[self.archetypes.index(archetype)]
            for code, deed in enumerate(kind.deeds):
                if deed.effects:
                    places = np.flatnonzero(chosen.codes == code)
                    weighed += self._weigh(deed, rows, places, chosen, ranks)
        for effect, rows, what in weighed:
            effect.do(self.doing, rows, what)
        self.doing.let_go()

    def _ranks(self, order: Ints) -> Ints:
        ranks = np.zeros(self.scene.state.rows, np.int64)
        ranks[order] = np.arange(order.size)
        return ranks

    def _weigh(
        self, deed: Deed, rows: Ints, places: Ints, chosen: Choices, ranks: Ints | None
    ) -> list[tuple[Effect, Ints, Any]]:
        if not places.size:
            return []
        if ranks is not None:
            places = places[np.argsort(ranks[rows[places]], kind="stable")]
        sight = self._sight(deed, rows, places, chosen)
        if deed.bid is not None:
            best_first = np.argsort(-deed.bid.columns(sight), kind="stable")
            sight = self._sight(deed, rows, places[best_first], chosen)
        weighed = []
        for effect in deed.effects:
            acting = those(effect.when, sight)
            if acting.rows.size:
                weighed.append((effect, acting.rows, effect.weigh(acting)))
        return weighed

    def _sight(self, deed: Deed, rows: Ints, places: Ints, chosen: Choices) -> Sight:
        everyone = places.size == rows.size and bool((np.diff(places) == 1).all())
        args = {name: column for (action, name), column in chosen.args.items() if action == deed.action}
        if everyone:
            return Sight(self.scene, rows, {name: coded_column(deed, name, column) for name, column in args.items()})
        known = {name: coded_column(deed, name, column[places]) for name, column in args.items()}
        return Sight(self.scene, rows[places], known)

    def alone(self, row: int, action: int, args: Args) -> None:
        """One agent acts, in the world as others have left it."""
        deed = self.kinds[self.scene.state.cells("archetype")[row]].deeds[action]
        if not deed.effects:
            return
        known = {name: coded(deed, name, value) for name, value in args.items()} if args else None
        sight = RowSight(self.scene, row, known)
        weighed = [(effect, effect.weigh_one(sight)) for effect in deed.effects if holds(effect.when, sight)]
        for effect, what in weighed:
            effect.do_one(self.doing, row, what)
        if self.doing.leaving:
            self.doing.let_go()


def coded(deed: Deed, name: str, value: Any) -> Any:
    """An argument as expressions want it: a word as its position."""
    kind = deed.arguments.get(name)
    return kind.index(value) if isinstance(kind, tuple) and isinstance(value, str) else value


def coded_column(deed: Deed, name: str, values: Array) -> Array:
    """The same for a column."""
    kind = deed.arguments.get(name)
    if not isinstance(kind, tuple) or values.dtype.kind in "iuf":
        return values
    positions = {word: position for position, word in enumerate(kind)}
    return np.asarray([positions[word] for word in values.tolist()])
