"""Names that an expression could not speak of, names that mean two things, and parameters whose default is none of theirs."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.engine.expressions import RESERVED
from simulations.engine.spec.faults import Faults, Path
from simulations.engine.spec.scenario import AbmSpec
from simulations.engine.spec.scopes import Scopes
from simulations.engine.spec.settings import Setting

GIVEN = ("id", "x", "y", "archetype", "stage")


def check_names(faults: Faults, scopes: Scopes) -> None:
    for path in _named(scopes.spec):
        if path[-1] in RESERVED:
            faults.at(*path).add("reserved", f"“{path[-1]}” is a word of the language; choose another name.")
    for path in _of_agents(scopes.spec):
        if path[-1] in scopes.spec.parameters:
            faults.at(*path).add("twice", f"There is a parameter “{path[-1]}” too; give one of them another name.")
        elif path[-1] in GIVEN:
            faults.at(*path).add("reserved", f"Every agent has “{path[-1]}” already; choose another name.")


def _named(spec: AbmSpec) -> Iterator[Path]:
    yield from (("parameters", name) for name in spec.parameters)
    yield from (("archetypes", name) for name in spec.archetypes)
    yield from _of_agents(spec)
    for archetype, observed in spec.observations.items():
        yield from (("observations", archetype, name) for name in observed)
    for action, declared in spec.actions.items():
        yield from (("actions", action, "args", name) for name in declared.args)


def _of_agents(spec: AbmSpec) -> Iterator[Path]:
    for archetype, declared in spec.archetypes.items():
        yield from (("archetypes", archetype, "state", name) for name in declared.state)
        yield from (("archetypes", archetype, "derived", name) for name in declared.derived)


def check_settings(faults: Faults, scopes: Scopes) -> None:
    for name, setting in scopes.spec.parameters.items():
        _check_setting(faults.at("parameters", name), name, setting)
    for archetype, declared in scopes.spec.archetypes.items():
        for name in declared.derived.keys() & declared.state.keys():
            detail = f"There is a slot “{name}” too; give one of them another name."
            faults.at("archetypes", archetype, "derived", name).add("twice", detail)


def _check_setting(faults: Faults, name: str, setting: Setting) -> None:
    if setting.type == "choice" and not setting.choices:
        faults.at("choices").add("missing", "A parameter of type choice says its choices: [one, two].")
        return
    if setting.min is not None and setting.max is not None and setting.min > setting.max:
        faults.at("min").add(
            "out_of_range", f"The smallest value ({setting.min:g}) is above the largest ({setting.max:g})."
        )
        return
    try:
        setting.declared(name).check(setting.default)
    except ValueError as fault:
        faults.at("default").add("default", str(fault))
