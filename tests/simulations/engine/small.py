"""Small scenarios written for one question each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulations.engine import HybridSimulationEngine
from simulations.engine.spec import ScenarioSpec, parse_scenario

WALKERS: dict[str, Any] = {
    "environment": {"space": "grid", "shape": [6, 6], "torus": True, "capacity": 1},
    "archetypes": {"walker": {"count": "12", "place": "random", "state": {"steps": {"type": "int", "init": 0}}}},
    "actions": {
        "stay": {},
        "go": {"effect": [{"move_to": "random_empty"}, {"add": "steps", "value": "1"}]},
    },
    "policies": {"rule": {"kind": "rule", "choose": [{"do": "go"}]}},
    "metrics": {"steps": {"sum": "steps", "over": "walker"}},
}


def scenario(**spec: Any) -> ScenarioSpec:
    """`WALKERS` with other sections."""
    return parse_scenario({"metadata": {"name": "small"}, "spec": {"family": "abm", **WALKERS, **spec}})


def play(spec: ScenarioSpec, steps: int, *, seed: int = 1, **parameters: Any) -> HybridSimulationEngine:
    engine = HybridSimulationEngine(spec, seed=seed, parameters=parameters)
    engine.run_now(steps)
    return engine


def column(engine: HybridSimulationEngine, name: str) -> list[Any]:
    values: list[Any] = engine.world.state[name].tolist()
    return values


def people(count: int, state: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Archetypes of a scenario without space."""
    return {"person": {"count": str(count), "state": dict(state), **more}}
