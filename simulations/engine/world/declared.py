"""A world that a scenario declares: it observes, acts and measures as its YAML says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from agents.protocol.steps.recent import Said
from simulations.engine.batches import Batch
from simulations.engine.decisions import Choices
from simulations.engine.parameters import Value
from simulations.engine.randomness import Chance, Ints
from simulations.engine.spec import LIMITS, Limits
from simulations.engine.state import UnifiedStateManager
from simulations.engine.world import founding
from simulations.engine.world.acting import Acting
from simulations.engine.world.blueprint import Blueprint, activation_of
from simulations.engine.world.compiling.tracing import trace
from simulations.engine.world.contract import Args, Metrics, Roll, Round
from simulations.engine.world.counting import population
from simulations.engine.world.deriving import Deriving
from simulations.engine.world.effects.doing import Doing
from simulations.engine.world.meeting import meet, meet_again
from simulations.engine.world.observing import Eyes
from simulations.engine.world.parts import PythonPart
from simulations.engine.world.post import Post
from simulations.engine.world.rounds import Rounds
from simulations.engine.world.scene import Numbers, Sight
from simulations.engine.world.waiting import Waiting
from simulations.engine.world.watching import Watch

_ONE: Ints = np.zeros(1, np.int64)


class DeclaredWorld:
    """One play of a declared scenario. `settings` are the parameters, live: `change` replaces one of them."""

    def __init__(
        self,
        blueprint: Blueprint,
        settings: Mapping[str, Value],
        chance: Chance,
        *,
        limits: Limits = LIMITS,
        part: PythonPart | None = None,
    ) -> None:
        """Raises TooLarge before anything is allocated, SpaceRefused, PlaceTaken, ExpressionFailed."""
        counts = population(blueprint.spec, settings, limits)
        founding.check_size(blueprint, counts, 1, limits)
        self.blueprint = blueprint
        self.settings = dict(settings)
        self.part = part
        self.scene = founding.found(blueprint, settings, chance, counts, {} if part is None else {"model": part})
        self.space = self.scene.space
        self.archetypes = blueprint.archetypes
        self.actions = blueprint.actions
        self.rolls = _rolls(blueprint, counts)
        self.activation = activation_of(blueprint.spec, settings)
        self.eyes: tuple[Eyes, ...] = tuple(kind.eyes for kind in blueprint.kinds)
        self.watch = Watch(self.scene, trace(self.eyes, blueprint.derived, self._names()))
        self.deriving = Deriving(blueprint, self.scene, self.watch)
        self.doing = Doing(self.scene, self.watch, blueprint.forms, self, self.post)
        self.acting = Acting(blueprint, self.scene, self.doing)
        self.waiting = Waiting(self.scene, blueprint.kinds)
        if self.activation == "event":
            self.waiting.begin(np.arange(self.state.rows), 0.0)
        self.deriving.all()
        self.state.commit_all()

    @property
    def state(self) -> UnifiedStateManager:
        return self.scene.state

    @property
    def post(self) -> Post:
        post = self.state.parts["letters"]
        assert isinstance(post, Post)  # noqa: S101  # founded as such
        return post

    @property
    def _moments(self) -> Numbers:
        moments = self.state.parts["moments"]
        assert isinstance(moments, Numbers)  # noqa: S101  # founded as such
        return moments

    def see_only(self, wanted: Mapping[str, Collection[str] | None]) -> None:
        """Observe for each archetype only these fields, as nobody asks for the others (None: all)."""
        self.eyes = tuple(
            kind.eyes.only(fields) if (fields := wanted.get(kind.name)) is not None else kind.eyes
            for kind in self.blueprint.kinds
        )
        self.watch.reads = trace(self.eyes, self.blueprint.derived, self._names())

    def _names(self) -> list[str]:
        return [column.name for column in self.state.columns if not column.derived]

    def change(self, name: str, value: Value) -> None:
        """A live parameter is another from now on."""
        self.settings[name] = value
        self.scene.constants.update(founding.constants_of(self.blueprint.spec, self.settings))

    def begin(self, step: int, chance: Chance) -> None:
        scene = self.scene
        scene.step, scene.time, scene.chance, scene.occurrence = step, float(step), chance, 0
        self.doing.refused = 0
        self.post.bus.begin(step)
        for market in scene.markets.values():
            market.open_step()
        meet(self.blueprint, scene)
        scene.rebind()
        self._shared_effects(self.blueprint.before)
        if self.part is not None:
            self.part.begin(scene)
        self.deriving.all()

    def rounds(self) -> Sequence[Round]:
        return Rounds(
            self.blueprint,
            self.scene,
            self.waiting,
            self.activation,
            ordered=self.acting.ordered,
            enter=self._enter_stage,
        )

    def _enter_stage(self) -> None:
        self.scene.rebind()
        self.deriving.all()

    def archetype_of(self, rows: Ints) -> Ints:
        return self.state["archetype"][rows].astype(np.int64)

    def observe(self, archetype: str, rows: Ints) -> Batch:
        return self.eyes[self.archetypes.index(archetype)].batch(self.scene, rows)

    def look(self, row: int) -> tuple[tuple[Any, ...], int]:
        archetype: int = self.state.cells("archetype")[row]
        return self.eyes[archetype].look(self.scene, row)

    def act_together(self, order: Ints, choices: Mapping[str, tuple[Ints, Choices]]) -> None:
        self.acting.together(order, choices)
        founding.copy_places(self.scene)
        self.scene.rebind()

    def begin_turns(self, order: Ints) -> None:
        self.watch.begin()
        self.scene.rebind(self.deriving.fresh())

    def must_look_again(self, row: int) -> bool:
        return self.watch.everyone or row in self.watch.rows

    def all_must_look_again(self) -> bool:
        return self.watch.everyone

    def turns(self, order: Ints) -> Iterator[int]:
        return self._events() if self.activation == "event" else iter(order.tolist())

    def _events(self) -> Iterator[int]:
        """Whoever acts once more in the same step meets somebody else."""
        for row in self.waiting.turns():
            if self.scene.occurrence:
                meet_again(self.blueprint, self.scene, row)
                self.watch.meets(row, int(self.scene.partner[row]))
            yield row

    def act_one(self, row: int, action: int, args: Args) -> None:
        if action >= 0 and self.state.cells("alive")[row]:
            self.acting.alone(row, action, args)
        if self.activation == "event":
            self.waiting.begin_again(row)

    def end_turns(self) -> None:
        self.watch.end()
        self.scene.occurrence = 0
        founding.copy_places(self.scene)
        self.scene.rebind()

    def end(self) -> Metrics:
        self.scene.time = float(self.scene.step)
        self._shared_effects(self.blueprint.after)
        if self.part is not None:
            self.part.end(self.scene)
        self.deriving.all()
        return self.measure()

    def measure(self) -> Metrics:
        found = self.blueprint.measuring.measure(self.scene, self._moments, {})
        self.scene.metrics = found
        return found

    def finished(self) -> bool:
        stop = self.blueprint.stop_when
        return stop is not None and bool(stop.columns(Sight(self.scene, _ONE))[0])

    def messages(self) -> Mapping[int, Sequence[str]]:
        return self.post.letters()

    def tell(self, row: int | None, text: str) -> None:
        """Before a step begins; it belongs to that step."""
        self.post.bus.begin(self.scene.step + 1)
        self.post.tell(row, text)

    def said(self) -> Said:
        return self.post.said()

    def have_read(self, rows: Ints) -> None:
        self.post.have_read(rows)

    def refusals(self) -> int:
        refused, self.doing.refused = self.doing.refused, 0
        return refused

    def share(self, name: str, value: float) -> None:
        kind, _, rest = name.partition(".")
        numbers = {"global": self.scene.shared, "pool": self.scene.pools}[kind]
        if rest not in numbers.values:
            raise KeyError(name)
        numbers.values[rest] = float(value)

    def place(self) -> None:
        links = self.state.parts["links"]
        assert isinstance(links, founding.Links)  # noqa: S101  # founded as such
        columns = {column.name: self.state[column.name] for column in self.space.columns}
        self.space.restore(columns, links.kept if links.kept is not None else self.space.snapshot())
        if self.scene.partner.size != self.state.rows:
            self.scene.partner = np.arange(self.state.rows)
        if self.activation == "event":
            self.waiting.wind()
        self.scene.rebind()

    def restored(self, step: int, chance: Chance, metrics: Metrics) -> None:
        """The state is that of a checkpoint: what follows from it is made again."""
        scene = self.scene
        scene.step, scene.time, scene.chance, scene.metrics = step, float(step), chance, dict(metrics)
        self.place()
        if step:
            meet(self.blueprint, scene)
        scene.rebind()
        self.deriving.all()
        self.state.commit_all()

    def close(self) -> None:
        self.scene.rebind()

    def spawn(self, archetype: str, parents: Ints, given: Mapping[str, Any]) -> Ints:
        """New agents beside their parents (where there is room), with the usual slots but for what is given."""
        scene, number = self.scene, self.archetypes.index(archetype)
        kind = self.blueprint.kinds[number]
        rows = self.state.add_rows(parents.size)
        self.space.extend(rows.size)
        scene.partner = np.concatenate([scene.partner, rows])
        scene.rebind(scene.fresh)
        self.state.write_rows("archetype", rows, number)
        if self.space.columns and kind.place != "none":
            self._beside(rows, parents)
        founding.copy_places(scene)
        founding.endow(scene, kind, rows)
        for slot, values in given.items():
            self.state.write_rows(slot, rows, self.blueprint.forms[slot].fit_column(values))
        if self.activation == "event":
            self.waiting.begin(rows, scene.time)
        return rows

    def _beside(self, rows: Ints, parents: Ints) -> None:
        for row, parent in zip(rows.tolist(), parents.tolist(), strict=True):
            draw = self.scene.chance.draw("born", row)
            site = self.space.random_neighbor(parent, draw)
            if self.space.fits(site):
                self.space.move(row, site)
            elif self.space.empty_count:
                self.space.move(row, self.space.random_empty(draw))

    def _shared_effects(self, effects: Sequence[Any]) -> None:
        for effect in effects:
            sight = Sight(self.scene, _ONE)
            if effect.when is None or bool(effect.when.columns(sight)[0]):
                effect.do(self.doing, _ONE, effect.weigh(sight))


def _rolls(blueprint: Blueprint, counts: Mapping[str, int]) -> tuple[Roll, ...]:
    rolls, first = [], 0
    for name, archetype in blueprint.spec.archetypes.items():
        rolls.append(Roll(name, archetype.label or name.replace("_", " ").capitalize(), first, counts[name]))
        first += counts[name]
    return tuple(rolls)
