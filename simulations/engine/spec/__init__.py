"""The manifest of an agent-based scenario: its sections as models, and how it is read, checked and refused."""

from simulations.engine.spec.archetypes import Action, Archetype, Argument, Choice, Slot
from simulations.engine.spec.limits import LIMITS, Limits
from simulations.engine.spec.order import ordered
from simulations.engine.spec.reading import Lines, ScenarioRefused, parse_scenario
from simulations.engine.spec.scenario import AbmSpec, ScenarioSpec

__all__ = [
    "LIMITS",
    "AbmSpec",
    "Action",
    "Archetype",
    "Argument",
    "Choice",
    "Limits",
    "Lines",
    "ScenarioRefused",
    "ScenarioSpec",
    "Slot",
    "ordered",
    "parse_scenario",
]
