"""Which names an expression may use, by where it stands. The engine compiles with the same scopes by which a scenario was checked.

Where agents of several archetypes may be meant (`neighbors`, `all`, a partner among all), every slot of any of them has a name, as
long as they agree what it is; an agent that lacks it counts as 0, no, or the first word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from simulations.engine.expressions import Expression, ExpressionRefused, Kind, Scope, parse
from simulations.engine.spec.archetypes import Action, Archetype, Argument, Slot
from simulations.engine.spec.base import Formula
from simulations.engine.spec.crowds import Best, ObservedBest, ObservedValue
from simulations.engine.spec.scenario import AbmSpec

NUMBER: Kind = "number"
Names = dict[str, Kind]
_CONDITION = re.compile(r"[<>]|[=!]=|\b(and|or|not)\b")
MARKET_PARTS = ("price", "volume", "bid", "ask")


def formula(text: Formula, scope: Scope, wants: Kind | None = None) -> Expression:
    """The expression of a formula; a bare word stands for itself where one is wanted. Raises ExpressionRefused."""
    return parse(f"'{text}'" if isinstance(wants, tuple) and text in wants else text, scope, wants=wants)


def slot_kind(slot: Slot) -> Kind:
    if slot.enum:
        return slot.enum
    return {"bool": "bool", "text": "text"}.get(slot.type or "float", NUMBER)  # type: ignore[return-value]  # literals all


def argument_kind(argument: Argument) -> Kind:
    if argument.type == "choice":
        return argument.choices
    return {"bool": "bool", "text": "text"}.get(argument.type, NUMBER)  # type: ignore[return-value]  # literals all


def dotted(root: str, names: Mapping[str, Kind]) -> Names:
    return {f"{root}.{name}": kind for name, kind in names.items()}


def agreed(all_names: Iterable[Mapping[str, Kind]]) -> Names:
    """Every name on whose kind all agree that have it."""
    found: Names = {}
    refused: set[str] = set()
    for names in all_names:
        for name, kind in names.items():
            if found.setdefault(name, kind) != kind:
                refused.add(name)
    return {name: kind for name, kind in found.items() if name not in refused}


class Scopes:
    """All scopes of one scenario."""

    def __init__(self, spec: AbmSpec) -> None:
        self.spec = spec

    @cached_property
    def settings(self) -> Scope:
        """Parameters alone, bare and as `param.x`: counts, shapes, bounds."""
        names: Names = {}
        for name, setting in self.spec.parameters.items():
            kinds: dict[str, Kind] = {"bool": "bool", "choice": setting.choices}
            names[name] = kinds.get(setting.type, NUMBER)
        return Scope({**names, **dotted("param", names)}, parameters=frozenset({*names, *dotted("param", names)}))

    @cached_property
    def shared(self) -> Scope:
        """What all share: parameters, globals, pools, markets, `step`, `time`, and under `staged` the `stage`."""
        environment = self.spec.environment
        names: Names = {"step": NUMBER, "time": NUMBER}
        names |= {
            f"global.{name}": "bool" if each.type == "bool" else NUMBER for name, each in environment.globals.items()
        }
        names |= {f"pool.{name}": NUMBER for name in environment.pools}
        names |= {f"market.{name}.{part}": NUMBER for name in environment.markets for part in MARKET_PARTS}
        if environment.space != "none":
            names["space.empty"] = NUMBER
        if self.spec.time.stages:
            names["stage"] = self.spec.time.stages
        return Scope({**names, **self.settings.names}, parameters=self.settings.parameters)

    @cached_property
    def world(self) -> Scope:
        """The same with the metrics of the step before: `before`, `after`, `stop_when`."""
        return self.shared.with_names({f"metric.{name}": NUMBER for name in self.spec.metrics})

    @cached_property
    def given(self) -> Names:
        """What every agent has without declaring it."""
        names: Names = {"id": NUMBER, "archetype": tuple(self.spec.archetypes)}
        if self.spec.environment.space in {"grid", "continuous"}:
            names |= {"x": NUMBER, "y": NUMBER}
        return names

    def slots(self, archetype: str) -> Names:
        return {name: slot_kind(slot) for name, slot in self.spec.archetypes[archetype].state.items()}

    def init(self, archetype: str, before: str | None = None) -> Scope:
        """Of a slot's first value: what stands above it, places, globals, parameters; may draw. Without `before`: all slots."""
        names: Names = {}
        for name, kind in self.slots(archetype).items():
            if name == before:
                break
            names[name] = kind
        return self.shared.with_names({**self.given, **names}).drawing()

    @cached_property
    def derived(self) -> dict[str, Names]:
        """The kinds of all derived values; of what cannot be read the likely one, as its fault is told elsewhere."""
        found: dict[str, Names] = {}
        for archetype, declared in self.spec.archetypes.items():
            found[archetype] = {}
            for name, value in declared.derived.items():
                found[archetype][name] = self._derived_kind(archetype, found, value)
        return found

    def _derived_kind(self, archetype: str, known: Mapping[str, Names], value: object) -> Kind:
        if isinstance(value, Best):
            return {**self.slots(archetype), **known[archetype]}.get(value.take, NUMBER)
        if not isinstance(value, bool | int | float | str):
            return NUMBER
        try:
            return parse(value, self._own(archetype, known)).kind
        except ExpressionRefused:
            return "bool" if _CONDITION.search(str(value)) else NUMBER

    def deriving(self, archetype: str, before: str) -> Scope:
        """Of a derived value: as `own`, with the derived values above it."""
        return self._own(archetype, self._above(archetype, before))

    def _above(self, archetype: str, before: str) -> dict[str, Names]:
        found: dict[str, Names] = {}
        for name, values in self.derived.items():
            if name == archetype:
                names = list(values)
                found[name] = {key: values[key] for key in names[: names.index(before)]}
                return found
            found[name] = values
        return found

    def own(self, archetype: str) -> Scope:
        """Of an agent: slots and derived values (also `self.x`), `partner.x`, what it is given, and the world."""
        return self._own(archetype, self.derived)

    def _own(self, archetype: str, derived: Mapping[str, Names]) -> Scope:
        mine = {**self.given, **self._having(archetype, derived)}
        partner = self._partner(self.spec.archetypes[archetype], derived)
        scope = self.world.with_names({**mine, **dotted("self", mine), **dotted("partner", partner)})
        return Scope(scope.names, history=self._history(archetype), parameters=scope.parameters)

    def _having(self, archetype: str, derived: Mapping[str, Names]) -> Names:
        return {**self.slots(archetype), **derived.get(archetype, {})}

    def _history(self, archetype: str) -> dict[str, int]:
        declared = self.spec.archetypes[archetype].state
        return {name: slot.history for name, slot in declared.items() if slot.history}

    def _partner(self, archetype: Archetype, derived: Mapping[str, Names]) -> Names:
        if archetype.partner is None:
            return {}
        return {**self.given, **agreed(self._having(name, derived) for name in self.meant(archetype.partner))}

    def meant(self, over: str) -> tuple[str, ...]:
        """The archetypes that a crowd or a partner may be of."""
        return (over,) if over in self.spec.archetypes else tuple(self.spec.archetypes)

    def crowd(self, archetype: str, over: str, before: str | None = None) -> Scope:
        """Of one in a crowd: its own names bare, the observer's under `self.`; `before` a derived value of the observer."""
        derived = self.derived if before is None else self._above(archetype, before)
        other = {**self.given, **agreed(self._having(name, derived) for name in self.meant(over))}
        mine = {**self.given, **self._having(archetype, derived)}
        return self.world.with_names({**dotted("self", mine), **other})

    def observations(self, archetype: str) -> Names:
        """What an agent of this archetype sees, and of what kind."""
        own = self.own(archetype)
        return {name: self._seen(own, each) for name, each in self.spec.observations.get(archetype, {}).items()}

    def _seen(self, own: Scope, observation: object) -> Kind:
        if isinstance(observation, ObservedBest):
            return own.names.get(observation.take, NUMBER)
        if not isinstance(observation, ObservedValue):
            return NUMBER
        try:
            return parse(observation.value, own).kind
        except ExpressionRefused:
            return NUMBER

    def policy(self, archetype: str) -> Scope:
        """Of the conditions and arguments of a policy: what is observed, parameters, `step`, `time`."""
        return self.settings.with_names({"step": NUMBER, "time": NUMBER, **self.observations(archetype)})

    def action(self, archetype: str, action: Action) -> Scope:
        """Of an action's effects on the agent itself; may draw."""
        return self.own(archetype).with_names(self.arguments(action)).drawing()

    def action_on(self, archetype: str, action: Action, over: str) -> Scope:
        """Of an effect `on` others: their names bare, the acting one's under `self.`, its arguments before all; may draw."""
        own, other = self.own(archetype), self.crowd(archetype, over)
        partner = {name: kind for name, kind in own.names.items() if name.startswith("partner.")}
        return other.with_names({**partner, **self.arguments(action)}).drawing()

    @staticmethod
    def arguments(action: Action) -> Names:
        return {name: argument_kind(argument) for name, argument in action.args.items()}

    def measure(self, over: str | None, before: str) -> Scope:
        """Of a metric over agents: the names of that archetype (null: that all agree on), and the metrics above it."""
        names = [self._having(name, self.derived) for name in self.meant(over or "")]
        return self.figure(before).with_names({**self.given, **agreed(names)})

    def figure(self, before: str) -> Scope:
        """Of a metric that is a value: what all share, and the metrics above it."""
        above: Names = {}
        for name in self.spec.metrics:
            if name == before:
                break
            above[f"metric.{name}"] = NUMBER
        return self.shared.with_names(above)
