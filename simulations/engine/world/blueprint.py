"""A scenario made ready to be played: everything parsed and bound, nothing counted, drawn or placed yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from agents.protocol.steps.bus import Circle
from simulations.engine.expressions import PastValue
from simulations.engine.spec import AbmSpec, Choice, ScenarioSpec, Slot
from simulations.engine.spec.base import Formula as Text
from simulations.engine.spec.listening import terms_of
from simulations.engine.spec.scopes import slot_kind
from simulations.engine.world.compiling.agents import Derived, derived_of, eyes_of, forms_of
from simulations.engine.world.compiling.deeds import Deed, deeds_of, world_effects
from simulations.engine.world.compiling.figures import measuring_of
from simulations.engine.world.compiling.reader import BOOL, NUMBER, Reader
from simulations.engine.world.effects.setting import ChangeShared
from simulations.engine.world.formulas import Formula
from simulations.engine.world.measuring import Measuring
from simulations.engine.world.observing import Eyes
from simulations.engine.world.slots import SlotForm

Place = str | tuple[Formula, Formula] | None


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first value of a slot: a formula, or weights of its words; None: nothing, no, the first word, no text."""

    form: SlotForm
    formula: Formula | None = None
    weights: tuple[Formula, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One archetype: how many, where, whom they meet, what they have, see and do."""

    name: str
    count: Formula
    place: Place
    partner: str | None
    stage: str | None
    beginnings: tuple[Beginning, ...]
    eyes: Eyes
    deeds: tuple[Deed, ...]
    every: Formula | None


@dataclass(frozen=True, slots=True)
class Blueprint:
    """`activation` may be the name of a parameter that says which."""

    spec: ScenarioSpec
    kinds: tuple[Kind, ...]
    forms: Mapping[str, SlotForm]
    derived: tuple[Derived, ...]
    shared: Mapping[str, Formula]
    pools: Mapping[str, Formula]
    markets: Mapping[str, tuple[Formula, Formula]]
    before: tuple[ChangeShared, ...]
    after: tuple[ChangeShared, ...]
    measuring: Measuring
    stop_when: Formula | None
    past: Mapping[str, PastValue]
    circles: tuple[Circle, ...]

    @property
    def archetypes(self) -> tuple[str, ...]:
        return tuple(kind.name for kind in self.kinds)

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(self.spec.actions)


def blueprint_of(spec: ScenarioSpec) -> Blueprint:
    """Made once for each scenario, however often it is played."""
    return _kept(_Key(spec))


class _Key:
    """Two scenarios that play alike have one blueprint."""

    def __init__(self, spec: ScenarioSpec) -> None:
        self.spec = spec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.spec.digest == other.spec.digest

    def __hash__(self) -> int:
        return hash(self.spec.digest)


@lru_cache(maxsize=32)
def _kept(key: _Key) -> Blueprint:
    spec = key.spec
    reader = Reader(spec)
    environment, settings = spec.environment, reader.scopes.settings
    drawing = settings.drawing()
    return Blueprint(
        spec=spec,
        kinds=tuple(_kind(reader, name) for name in spec.archetypes),
        forms=forms_of(reader),
        derived=tuple(derived_of(reader)),
        shared={
            name: reader.formula(each.init, drawing, f"environment.globals.{name}")
            for name, each in environment.globals.items()
        },
        pools={
            name: reader.formula(pool.amount, drawing, f"environment.pools.{name}", NUMBER)
            for name, pool in environment.pools.items()
        },
        markets={
            name: (
                reader.formula(market.low, settings, f"environment.markets.{name}.low", NUMBER),
                reader.formula(market.high, settings, f"environment.markets.{name}.high", NUMBER),
            )
            for name, market in environment.markets.items()
        },
        before=world_effects(reader, "before"),
        after=world_effects(reader, "after"),
        measuring=measuring_of(reader),
        stop_when=reader.condition(spec.time.stop_when, reader.scopes.world, "time.stop_when"),
        past=reader.past,
        circles=tuple(circle_of(spec, place) for place in range(len(spec.archetypes))),
    )


def _kind(reader: Reader, name: str) -> Kind:
    archetype = reader.spec.archetypes[name]
    path = f"archetypes.{name}"
    every = reader.spec.time.every
    return Kind(
        name=name,
        count=reader.formula(archetype.count, reader.scopes.settings, f"{path}.count", NUMBER),
        place=_place(reader, archetype.place, f"{path}.place"),
        partner=archetype.partner,
        stage=archetype.stage,
        beginnings=tuple(_beginning(reader, name, slot, declared) for slot, declared in archetype.state.items()),
        eyes=eyes_of(reader, name),
        deeds=deeds_of(reader, name),
        every=None if every is None else reader.formula(every, reader.scopes.init(name), "time.every", NUMBER),
    )


def _place(reader: Reader, place: str | tuple[Text, Text] | None, path: str) -> Place:
    if not isinstance(place, tuple):
        return place
    scope = reader.scopes.shared.with_names({"id": NUMBER}).drawing()
    x, y = (reader.formula(side, scope, f"{path}.{number}", NUMBER) for number, side in enumerate(place))
    return x, y


def _beginning(reader: Reader, archetype: str, name: str, slot: Slot) -> Beginning:
    form = forms_of(reader)[name]
    path = f"archetypes.{archetype}.state.{name}.init"
    if isinstance(slot.init, Choice):
        weights = tuple(
            reader.formula(weight, reader.scopes.settings, f"{path}.{number}", NUMBER)
            for number, weight in enumerate(slot.init.choice)
        )
        return Beginning(form, weights=weights)
    if slot.init is None:
        return Beginning(form)
    if form.kind == "text":
        return Beginning(form, text=str(slot.init))
    return Beginning(form, reader.formula(slot.init, reader.scopes.init(archetype, name), path, slot_kind(slot)))


def circle_of(spec: AbmSpec, place: int) -> Circle:
    """An archetype as those on the bus who listen alike."""
    name, archetype = list(spec.archetypes.items())[place]
    return Circle(name, terms_of(archetype), place)


def activation_of(spec: AbmSpec, settings: Mapping[str, object]) -> str:
    """The activation, or what the parameter of that name says."""
    wanted = spec.time.activation
    return str(settings[wanted]) if wanted in settings else wanted


__all__ = ["BOOL", "Beginning", "Blueprint", "Kind", "activation_of", "blueprint_of"]
