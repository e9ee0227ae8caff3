"""What agents have, what is derived from it, and what they see."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulations.engine.expressions import Kind
from simulations.engine.expressions.aggregates import split_crowd
from simulations.engine.spec.archetypes import Slot
from simulations.engine.spec.crowds import Aggregate as Declared
from simulations.engine.spec.crowds import Best, ObservedValue
from simulations.engine.world.compiling.reader import NUMBER, Reader
from simulations.engine.world.crowds import Aggregate, WideAggregate
from simulations.engine.world.formulas import Formula
from simulations.engine.world.observing import Bins, Coarse, Digits, Eyes, Field, Levels
from simulations.engine.world.slots import SlotForm

Source = Formula | Aggregate | WideAggregate


@dataclass(frozen=True, slots=True)
class Derived:
    """A derived value of one archetype; `scalar`: the same for everyone, kept once. `dtype` as the state keeps it."""

    name: str
    archetype: int
    source: Source
    dtype: str
    words: tuple[str, ...] = ()
    scalar: bool = False


def forms_of(reader: Reader) -> dict[str, SlotForm]:
    """The slots of all archetypes by name; the checker saw to it that those of one name are of one kind."""
    return {
        name: form_of(name, slot)
        for archetype in reader.spec.archetypes.values()
        for name, slot in archetype.state.items()
    }


def form_of(name: str, slot: Slot) -> SlotForm:
    low = -math.inf if slot.min is None else slot.min
    high = math.inf if slot.max is None else slot.max
    kind = "enum" if slot.enum else slot.type or "float"
    return SlotForm(name, kind, low, high, slot.enum or (), slot.history or 0, slot.max_length)


def derived_of(reader: Reader) -> list[Derived]:
    """In the order in which they are worked out: archetype by archetype, from the top."""
    found: list[Derived] = []
    for number, archetype in enumerate(reader.archetypes):
        kinds = reader.scopes.derived[archetype]
        for name, value in reader.spec.archetypes[archetype].derived.items():
            source = _derived_source(reader, archetype, name, value)
            found.append(_derived(name, number, source, kinds[name], reader))
    return found


def _derived(name: str, number: int, source: Source, kind: Kind, reader: Reader) -> Derived:
    once = sum(name in each.derived for each in reader.spec.archetypes.values()) == 1
    scalar = once and isinstance(source, WideAggregate) and not source.differs
    words = kind if isinstance(kind, tuple) else ()
    dtype = "u1" if words else "?" if kind == "bool" else "<i4" if getattr(source, "kind", "") == "count" else "<f8"
    return Derived(name, number, source, dtype, words, scalar)


def _derived_source(reader: Reader, archetype: str, name: str, value: Any) -> Source:
    path = f"archetypes.{archetype}.derived.{name}"
    if isinstance(value, Declared):
        return aggregate_of(reader, archetype, value, before=name)
    return reader.formula(value, reader.scopes.deriving(archetype, name), path)


def aggregate_of(
    reader: Reader, archetype: str, declared: Declared, before: str | None = None
) -> Aggregate | WideAggregate:
    """`before` is the derived value that it makes, which it cannot see yet."""
    over, _, _ = split_crowd(declared.crowd)
    scope = reader.scopes.crowd(archetype, over, before)
    crowd = reader.crowd(declared.crowd, scope)
    text = declared.by if isinstance(declared, Best) else getattr(declared, "of", None)
    of = None if text is None else reader.expression(text, scope, NUMBER)
    kind: Any = declared.kind
    take, empty = getattr(declared, "take", ""), getattr(declared, "empty", 0.0)
    if over == "neighbors":
        return Aggregate(kind, and_self=crowd.and_self, where=crowd.where, of=of, take=take, empty=empty)
    member = reader.archetypes.index(over) if over in reader.archetypes else None
    return WideAggregate(kind, archetype=member, where=crowd.where, of=of, take=take, empty=empty)


def eyes_of(reader: Reader, archetype: str) -> Eyes:
    """What the agents of an archetype see and may do."""
    declared = reader.spec.observations.get(archetype, {})
    kinds = reader.scopes.observations(archetype)
    fields = tuple(_field(reader, archetype, name, each, kinds) for name, each in declared.items())
    actions = tuple(reader.spec.actions)
    is_open, conditions = 0, []
    for bit, (name, action) in enumerate(reader.spec.actions.items()):
        if action.archetypes and archetype not in action.archetypes:
            continue
        if action.legal_when is None:
            is_open |= 1 << bit
            continue
        scope = reader.scopes.own(archetype)
        conditions.append((bit, reader.formula(action.legal_when, scope, f"actions.{name}.legal_when", "bool")))
    return Eyes(archetype, fields, actions, is_open, tuple(conditions))


def _field(reader: Reader, archetype: str, name: str, declared: Any, kinds: Mapping[str, Kind]) -> Field:
    path = f"observations.{archetype}.{name}"
    if isinstance(declared, ObservedValue):
        source: Source = reader.formula(declared.value, reader.scopes.own(archetype), path)
    else:
        source = aggregate_of(reader, archetype, declared)
    kind = kinds[name]
    words = kind if isinstance(kind, tuple) else ()
    return Field(name, source, _coarse(declared), words, _plain(kind, source))


def _plain(kind: Kind, source: Source) -> Callable[[Any], Any]:
    """To a plain value of the same type as the column's."""
    if kind == "bool":
        return bool
    return int if isinstance(kind, tuple) or getattr(source, "kind", "") == "count" else float


def _coarse(declared: Any) -> Coarse | None:
    if declared.bins is not None:
        return Bins(declared.bins)
    if declared.round is not None:
        return Digits(declared.round)
    levels = getattr(declared, "levels", None)
    return (
        None if levels is None else Levels(levels, declared.min or 0.0, 1.0 if declared.max is None else declared.max)
    )
