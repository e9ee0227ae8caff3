"""Archetypes, their slots and derived values, and what they observe."""

from __future__ import annotations

from itertools import pairwise

from agents.protocol.errors import BadFilter, BadMessage
from agents.protocol.filters import Filter
from agents.protocol.topics import check_pattern
from simulations.engine.expressions import Expression, ExpressionRefused, Scope, parse_aggregate
from simulations.engine.expressions.aggregates import split_crowd
from simulations.engine.spec.archetypes import Archetype, Choice, Listening, Slot
from simulations.engine.spec.crowds import Aggregate, Best, ObservedValue, Over, Ranged, Seen
from simulations.engine.spec.faults import Faults, check_chances, check_probability, corners, value_at
from simulations.engine.spec.scopes import Scopes, slot_kind


def check_archetypes(faults: Faults, scopes: Scopes) -> None:
    for name, archetype in scopes.spec.archetypes.items():
        here = faults.at("archetypes", name)
        here.at("count").expression(archetype.count, scopes.settings, "number")
        _check_place(here, scopes, archetype)
        if archetype.stage is not None:
            here.at("stage").known(archetype.stage, scopes.spec.time.stages, "stage")
        if archetype.partner is not None:
            here.at("partner").known(archetype.partner, ("all", "neighbors", *scopes.spec.archetypes), "partner")
        _check_listening(here.at("listens"), archetype.listens)
        for slot, declared in archetype.state.items():
            _check_slot(here.at("state", slot), scopes, declared, scopes.init(name, slot))
        for derived, value in archetype.derived.items():
            _check_derived(here.at("derived", derived), scopes, name, derived, value)


def _check_place(faults: Faults, scopes: Scopes, archetype: Archetype) -> None:
    space = scopes.spec.environment.space
    if archetype.place in {"random", "all"} and space == "none":
        faults.at("place").add("no_space", "There are no places: the environment's space is none.")
    if archetype.partner == "neighbors" and space == "none":
        faults.at("partner").add("no_space", "There are no neighbors: the environment's space is none.")
    if isinstance(archetype.place, tuple):
        for number, side in enumerate(archetype.place):
            faults.at("place", number).expression(side, scopes.shared.with_names({"id": "number"}).drawing(), "number")


def _check_listening(faults: Faults, listens: Listening) -> None:
    for number, pattern in enumerate(listens.topics):
        try:
            check_pattern(pattern)
        except BadMessage as refused:
            faults.at("topics", number).add("pattern", refused.detail)
    if listens.where is not None:
        try:
            Filter.of(listens.where)
        except BadFilter as refused:
            faults.at("where").add("filter", refused.detail)


def _check_slot(faults: Faults, scopes: Scopes, slot: Slot, scope: Scope) -> None:
    if (slot.type is None) == (slot.enum is None):
        faults.add("kind", "A slot has either a type (float, int, bool, text) or an enum with its words.")
        return
    if slot.labels and len(slot.labels) != len(slot.enum or ()):
        faults.at("labels").add("count", "There must be one label for each word of the enum.")
    if slot.min is not None and slot.max is not None and slot.min > slot.max:
        faults.at("min").add("out_of_range", f"The smallest value ({slot.min:g}) is above the largest ({slot.max:g}).")
    if slot.history and (slot.enum or slot.type == "text"):
        faults.at("history").add("kind", "Only numbers and yes/no keep a history.")
    if isinstance(slot.init, Choice):
        _check_weights(faults.at("init", "choice"), scopes, slot, slot.init)
    elif slot.init is not None and slot.type != "text":
        expression = faults.at("init").expression(slot.init, scope, slot_kind(slot))
        check_chances(faults.at("init"), scopes.spec, expression)


def _check_weights(faults: Faults, scopes: Scopes, slot: Slot, choice: Choice) -> None:
    if len(choice.choice) != len(slot.enum or ()):
        faults.add("count", f"There must be one probability for each word of the enum; it has {len(slot.enum or ())}.")
    read = [
        faults.at(number).expression(weight, scopes.settings, "number") for number, weight in enumerate(choice.choice)
    ]
    for number, expression in enumerate(read):
        check_probability(faults.at(number), scopes.spec, expression)
    defaults = corners(scopes.spec, ())[0]
    weights = [value_at(expression, defaults) for expression in read if expression]
    if len(weights) == len(choice.choice) and not any(weights):
        faults.add("out_of_range", "One of the probabilities must be above 0.")


def _check_derived(faults: Faults, scopes: Scopes, archetype: str, name: str, value: object) -> None:
    if isinstance(value, Aggregate):
        check_aggregate(faults, scopes, archetype, value, before=name)
    elif isinstance(value, bool | int | float | str):
        expression = faults.expression(value, scopes.deriving(archetype, name))
        _check_history(faults, scopes, archetype, expression)


def _check_history(faults: Faults, scopes: Scopes, archetype: str, expression: Expression | None) -> None:
    """Past values further back than the slot keeps, at the ends of the parameters' ranges."""
    for past in expression.past if expression else ():
        most = scopes.spec.archetypes[archetype].state[past.slot].history or 0
        least = int(past.function == "mean_of")
        steps = Expression(past.key, past.tree, 0)
        for parameters in corners(scopes.spec, steps.names):
            found = value_at(steps, parameters)
            if found is None or not least <= round(float(found)) <= most:
                asked = "what is no number" if found is None else f"{round(float(found))} steps"
                faults.add(
                    "history",
                    f"This can ask for {asked} of “{past.slot}”, which keeps {least} to {most}; raise its history.",
                )
                break


def check_aggregate(
    faults: Faults, scopes: Scopes, archetype: str, aggregate: Aggregate, *, before: str | None = None
) -> None:
    """Its crowd, and what is worked out for each of it."""
    part = "over" if isinstance(aggregate, Over) else aggregate.kind
    scope = check_crowd(faults.at(part), scopes, archetype, aggregate.crowd, before=before)
    if scope is None:
        return
    if isinstance(aggregate, Over):
        faults.at(aggregate.kind).expression(aggregate.of, scope, "number")
    if isinstance(aggregate, Best):
        faults.at("by").expression(aggregate.by, scope, "number")
        own = scopes.own(archetype) if before is None else scopes.deriving(archetype, before)
        if faults.at("take").known(aggregate.take, scope.names, "slot") and aggregate.take not in own.names:
            faults.at("take").add(
                "unknown", f"The {archetype} has no “{aggregate.take}” itself, which it needs to keep its own."
            )


def check_crowd(
    faults: Faults, scopes: Scopes, archetype: str, text: str, *, before: str | None = None
) -> Scope | None:
    """The scope of one in that crowd, or null and a fault."""
    try:
        over, _, _ = split_crowd(text)
        scope = scopes.crowd(archetype, over, before)
        parse_aggregate(text, scope, tuple(scopes.spec.archetypes))
    except ExpressionRefused as refused:
        faults.add("expression", refused.detail)
        return None
    if over == "neighbors" and scopes.spec.environment.space == "none":
        faults.add("no_space", "There are no neighbors: the environment's space is none. Say all, or an archetype.")
    return scope


def check_observations(faults: Faults, scopes: Scopes) -> None:
    for archetype, observed in scopes.spec.observations.items():
        here = faults.at("observations", archetype)
        if not here.known(archetype, scopes.spec.archetypes, "archetype"):
            continue
        for name, observation in observed.items():
            _check_observation(here.at(name), scopes, archetype, observation)


def _check_observation(faults: Faults, scopes: Scopes, archetype: str, observation: Seen) -> None:
    number = True
    if isinstance(observation, ObservedValue):
        expression = faults.at("value").expression(observation.value, scopes.own(archetype))
        _check_history(faults.at("value"), scopes, archetype, expression)
        number = expression is None or expression.kind == "number"
        if expression is not None and expression.kind == "text":
            faults.at("value").add("kind", "Free text cannot be observed as a value; a number, yes/no or word can.")
    elif isinstance(observation, Aggregate):
        check_aggregate(faults, scopes, archetype, observation)
    _check_coarseness(faults, observation, number=number)


def _check_coarseness(faults: Faults, observation: Seen, *, number: bool) -> None:
    ranged = observation if isinstance(observation, Ranged) else None
    used = [part for part in ("bins", "round", "levels") if getattr(observation, part, None) is not None]
    if len(used) > 1:
        faults.at(used[1]).add("twice", f"Say either {' or '.join(used)}.")
    if used and not number:
        faults.at(used[0]).add("kind", "Only a number can be made coarse.")
    if observation.bins and any(low >= high for low, high in pairwise(observation.bins)):
        faults.at("bins").add("order", "The edges must rise.")
    if ranged and ranged.levels and (ranged.min is None or ranged.max is None or ranged.min >= ranged.max):
        faults.at("levels").add("missing", "Levels divide a range: give min and max, the smaller one first.")
