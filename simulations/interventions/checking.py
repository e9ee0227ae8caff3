"""What is done to a play, held against what its scenario knows. Everything refused names its field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from simulations.engine.errors import ParametersRefused
from simulations.engine.intervening import EVERYONE
from simulations.engine.parameters import settle_parameters
from simulations.engine.policies.forms import ActionForm, ArgForm, ArgumentRefused
from simulations.engine.spec import Action, ScenarioSpec
from simulations.interventions.waiting import Question
from simulations.library import definition_of
from simulations.models import Intervention, Simulation
from tenants.errors import FieldError, Invalid

MOST_MESSAGE = 2_000
MOST_DIGITS = 9
Kind = Intervention.Kind


def check_injection(simulation: Simulation, kind: str, target: str, value: Any) -> tuple[str, Any]:
    """Target and value as they will be applied."""
    if kind == Kind.PARAMETER:
        return target, _parameter(definition_of(simulation), target, value)
    if kind == Kind.EVENT:
        return _shared(definition_of(simulation), target, value)
    if kind == Kind.MESSAGE:
        if target != EVERYONE:
            check_seat(simulation, _number(target))
        return target, _message(value)
    raise refused("kind", "choice", "One of parameter, event, message.")


def check_seat(simulation: Simulation, agent: int) -> str:
    """The archetype of an agent that was there from the beginning."""
    first = 0
    for archetype, count in simulation.population.items():
        first += count
        if agent < first:
            return str(archetype)
    raise refused("agent", "out_of_range", f"This simulation began with {first} agents, from 0 to {first - 1}.")


def check_answer(simulation: Simulation, question: Question, action: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the action takes them."""
    if action not in question.legal:
        raise refused("action", "choice", f"Agent {question.agent} may now: {', '.join(question.legal)}.")
    if any("\x00" in str(value) for value in args.values()):
        raise refused("args", "characters", "An argument holds a NUL character.")
    declared = definition_of(simulation).actions.get(action, Action())
    try:
        return dict(_form(action, declared).accept(dict(args)))
    except ArgumentRefused as found:
        raise refused("args", "out_of_range", found.detail) from None


def _form(name: str, action: Action) -> ActionForm:
    return ActionForm(
        name,
        action.label or "",
        tuple(
            ArgForm(arg, each.type, each.min, each.max, each.choices, each.max_length, each.default)
            for arg, each in action.args.items()
        ),
    )


def _parameter(spec: ScenarioSpec, target: str, value: Any) -> Any:
    live = {name: setting for name, setting in spec.parameters.items() if setting.live}
    if target not in live:
        offered = f"can be changed: {', '.join(live)}" if live else "can be changed: none"
        raise refused("target", "choice", f"While it plays, of its parameters {offered}.")
    try:
        return settle_parameters([live[target].declared(target)], {target: value})[target]
    except ParametersRefused as found:
        raise refused("value", found.refusals[0].code, found.detail) from None


def _shared(spec: ScenarioSpec, target: str, value: Any) -> tuple[str, Any]:
    """The target is spelt out: `global.demand`, `pool.fish`."""
    names = {name: f"global.{name}" for name in spec.environment.globals}
    names |= {name: f"pool.{name}" for name in spec.environment.pools}
    spelt = target if target in names.values() else names.get(target, "")
    if not spelt:
        offered = ", ".join(names) or "nothing"
        raise refused("target", "choice", f"What all agents of this scenario share: {offered}.")
    number = float(value) if isinstance(value, int | float | bool) else math.nan
    if not math.isfinite(number):
        raise refused("value", "number", "This must be a finite number, true or false.")
    return spelt, value


def _message(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > MOST_MESSAGE or "\x00" in text:
        raise refused("value", "length", f"A message is a text of 1 to {MOST_MESSAGE} characters.")
    return text


def _number(target: str) -> int:
    if not target.isascii() or not target.isdigit() or len(target) > MOST_DIGITS:
        raise refused("target", "number", "A message goes to the number of an agent, from 0.")
    return int(target)


def refused(field: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(field, code, detail)])
