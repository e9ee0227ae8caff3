"""A world that a scenario declares: it observes, acts and measures as its YAML says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simulations.engine.batches import Batch
from simulations.engine.clock import EventClock
from simulations.engine.decisions import Choices
from simulations.engine.parameters import Value
from simulations.engine.randomness import Chance, Ints
from simulations.engine.spec import LIMITS, Limits
from simulations.engine.state import UnifiedStateManager
from simulations.engine.world import founding
from simulations.engine.world.acting import Acting
from simulations.engine.world.blueprint import Blueprint, activation_of
from simulations.engine.world.compiling.tracing import trace
from simulations.engine.world.contract import Args, Letters, Metrics, Roll, Round
from simulations.engine.world.deriving import Deriving
from simulations.engine.world.effects.doing import Doing
from simulations.engine.world.meeting import meet, meet_again
from simulations.engine.world.observing import Eyes
from simulations.engine.world.parts import PythonPart
from simulations.engine.world.scene import Numbers, RowSight, Sight
from simulations.engine.world.watching import Watch

_ONE: Ints = np.zeros(1, np.int64)
_SHORTEST_WAIT = 1e-3


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
        counts = founding.population(blueprint.spec, settings, limits)
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
        self.clock = EventClock()
        self.eyes: tuple[Eyes, ...] = tuple(kind.eyes for kind in blueprint.kinds)
        self.watch = Watch(self.scene, trace(self.eyes, blueprint.derived, self._names()))
        self.deriving = Deriving(blueprint, self.scene, self.watch)
        self.doing = Doing(self.scene, self.watch, blueprint.forms, self, letters=self._letters.by_row)
        self.acting = Acting(blueprint, self.scene, self.doing)
        self._first_turns(chance)
        self.deriving.all()
        self.state.commit_all()

    @property
    def state(self) -> UnifiedStateManager:
        return self.scene.state

    @property
    def _letters(self) -> Letters:
        letters = self.state.parts["letters"]
        assert isinstance(letters, Letters)  # noqa: S101  # founded as such
        return letters

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
        for market in scene.markets.values():
            market.open_step()
        meet(self.blueprint, scene)
        scene.rebind()
        self._shared_effects(self.blueprint.before)
        if self.part is not None:
            self.part.begin(scene)
        self.deriving.all()

    def rounds(self) -> Sequence[Round]:
        """Each is made when it is asked for, as the one before left the world."""
        return _Rounds(self)

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
        """Rows in the order in which they act; by events, also those that become due meanwhile."""
        if self.activation != "event":
            yield from order.tolist()
            return
        self._wind()
        seen: Counter[int] = Counter()
        while (due := self.clock.pop(float(self.scene.step))) is not None:
            self.scene.time, row = due
            self.scene.memo.clear()
            self.scene.occurrence = seen[row]
            if seen[row]:
                meet_again(self.blueprint, self.scene, row)
            seen[row] += 1
            yield row

    def act_one(self, row: int, action: int, args: Args) -> None:
        if action >= 0 and self.state.cells("alive")[row]:
            self.acting.alone(row, action, args)
        if self.activation == "event":
            self._next_turn(row)

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
        return self._letters.by_row

    def tell(self, row: int, text: str) -> None:
        self._letters.by_row.setdefault(row, []).append(text)

    def have_read(self, rows: Ints) -> None:
        if self._letters.by_row:
            for row in set(self._letters.by_row) & set(rows.tolist()):
                del self._letters.by_row[row]

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
        self._wind()
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
            self._due(rows, scene.time)
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

    def _first_turns(self, chance: Chance) -> None:
        self.scene.chance = chance
        if self.activation == "event":
            self._due(np.arange(self.state.rows), 0.0)

    def _due(self, rows: Ints, now: float) -> None:
        for number, kind in enumerate(self.blueprint.kinds):
            mine = rows[self.archetype_of(rows) == number]
            if kind.every is not None and mine.size:
                waits = np.maximum(kind.every.columns(Sight(self.scene, mine)), _SHORTEST_WAIT)
                self.state.write_rows("due", mine, now + waits)
        for row, time in zip(rows.tolist(), self.state["due"][rows].tolist(), strict=True):
            self.clock.add(time, row)

    def _next_turn(self, row: int) -> None:
        if not self.state.cells("alive")[row]:
            return
        now = self.state.cells("due")[row]
        every = self.blueprint.kinds[self.state.cells("archetype")[row]].every
        assert every is not None  # noqa: S101  # the checker asked for it
        due = now + max(float(every.one(RowSight(self.scene, row))), _SHORTEST_WAIT)
        self.state.put("due", row, due)
        self.clock.add(due, row)

    def _wind(self) -> None:
        if self.activation == "event":
            living = self.state.living()
            self.clock.wind(zip(self.state["due"][living].tolist(), living.tolist(), strict=True))


def _rolls(blueprint: Blueprint, counts: Mapping[str, int]) -> tuple[Roll, ...]:
    rolls, first = [], 0
    for name, archetype in blueprint.spec.archetypes.items():
        rolls.append(Roll(name, archetype.label or name.replace("_", " ").capitalize(), first, counts[name]))
        first += counts[name]
    return tuple(rolls)


class _Rounds(Sequence[Round]):
    """The rounds of the present step, by the declared activation."""

    def __init__(self, world: DeclaredWorld) -> None:
        self.world = world
        self.stages = world.blueprint.spec.time.stages if world.activation == "staged" else ("",)

    def __len__(self) -> int:
        return len(self.stages)

    def __getitem__(self, number: Any) -> Any:
        world = self.world
        living = world.state.living()
        if world.activation == "staged":
            return self._stage(self.stages[number], living)
        if world.activation == "event":
            return self._events()
        if world.activation == "random":
            return Round(world.scene.chance.shuffled("order", living), in_turn=True)
        order = world.scene.chance.shuffled("order", living) if world.acting.ordered else living
        return Round(order)

    def _stage(self, stage: str, living: Ints) -> Round:
        world = self.world
        world.scene.stage = world.blueprint.spec.time.stages.index(stage)
        world.scene.rebind()
        world.deriving.all()
        theirs = [number for number, kind in enumerate(world.blueprint.kinds) if kind.stage in (None, stage)]
        rows = living[np.isin(world.archetype_of(living), theirs)]
        return Round(world.scene.chance.shuffled(f"order {stage}", rows) if world.acting.ordered else rows, stage=stage)

    def _events(self) -> Round:
        """All that is due within the step as it begins, in the order of time."""
        state = self.world.state
        living = state.living()
        due = state["due"][living]
        soon = due <= self.world.scene.step
        return Round(living[soon][np.argsort(due[soon], kind="stable")], in_turn=True)
