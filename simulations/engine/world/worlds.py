"""The world of a scenario: as it is declared, or with the part of it that is written in Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulations.engine.errors import SimulationError
from simulations.engine.parameters import Value
from simulations.engine.randomness import Chance
from simulations.engine.spec import LIMITS, Limits, ScenarioSpec
from simulations.engine.world.blueprint import Blueprint, blueprint_of
from simulations.engine.world.declared import DeclaredWorld

MakeWorld = Callable[..., DeclaredWorld]
_models: dict[str, MakeWorld] = {}


class UnknownModel(SimulationError):
    """The scenario names a part in Python that this release does not have."""


def model(key: str) -> Callable[[type[DeclaredWorld]], type[DeclaredWorld]]:
    """Says of a world class that it is the one which scenarios call `model: <key>`."""

    def enter(made: type[DeclaredWorld]) -> type[DeclaredWorld]:
        _models[key] = made
        return made

    return enter


def world_of(
    spec: ScenarioSpec, settings: Mapping[str, Value], chance: Chance, *, limits: Limits = LIMITS
) -> DeclaredWorld:
    """Raises UnknownModel, and what founding a world raises."""
    blueprint: Blueprint = blueprint_of(spec)
    if spec.model is None:
        return DeclaredWorld(blueprint, settings, chance, limits=limits)
    if spec.model not in _models:
        known = ", ".join(sorted(_models)) or "none"
        raise UnknownModel(f"{spec.name} needs the model {spec.model!r}; this release has: {known}.")
    return _models[spec.model](blueprint, settings, chance, limits=limits)
