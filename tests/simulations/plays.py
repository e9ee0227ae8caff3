"""Small plays of Schelling's model that several tests start from."""

from __future__ import annotations

from typing import Any

from simulations.engine import HybridSimulationEngine, StepResult
from simulations.scenarios import catalogue
from simulations.scenarios.schelling import Town

SCHELLING = catalogue()["schelling"]
SMALL = {"size": 20, "density": 0.9, "threshold": 0.5}


def play(seed: int = 7, **parameters: Any) -> HybridSimulationEngine:
    return HybridSimulationEngine(SCHELLING, seed=seed, parameters={**SMALL, **parameters})


def results(engine: HybridSimulationEngine, until: int) -> list[StepResult]:
    """Every step from the present one to `until`."""
    seen = [engine.latest]
    engine.run(until, watch=seen.append)
    return seen


def town_of(engine: HybridSimulationEngine) -> Town:
    assert isinstance(engine.world, Town)
    return engine.world
