"""The world of a scenario: as it is declared, with the part of it that is written in Python where it names one."""

from __future__ import annotations

from collections.abc import Mapping

from simulations.engine.errors import SimulationError
from simulations.engine.parameters import Value
from simulations.engine.randomness import Chance
from simulations.engine.spec import LIMITS, Limits, ScenarioSpec
from simulations.engine.world.blueprint import blueprint_of
from simulations.engine.world.counting import population
from simulations.engine.world.declared import DeclaredWorld
from simulations.engine.world.parts import PythonPart


class UnknownModel(SimulationError):
    """The scenario names a part in Python that this release does not have."""


def world_of(
    spec: ScenarioSpec, settings: Mapping[str, Value], chance: Chance, *, limits: Limits = LIMITS
) -> DeclaredWorld:
    """Raises UnknownModel, and what founding a world raises."""
    population(spec, settings, limits)
    part = None if spec.model is None else _part(spec, spec.model, settings, chance)
    return DeclaredWorld(blueprint_of(spec), settings, chance, limits=limits, part=part)


def _part(spec: ScenarioSpec, key: str, settings: Mapping[str, Value], chance: Chance) -> PythonPart:
    from simulations.scenarios.parts import PARTS  # noqa: PLC0415  (the library is made of what the engine offers)

    if key not in PARTS:
        raise UnknownModel(f"{spec.name} needs the part {key!r}; this release has: {', '.join(sorted(PARTS))}.")
    return PARTS[key](settings, chance)
