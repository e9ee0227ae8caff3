"""Many agents: ten thousand that are decided for one by one on known answers, a million in columns; and what a hundred plays leave behind.

In CPU time of one process, so that neighbours on the machine do not count. Baselines are the goals.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import report
from simulations.engine.decisions import ModelAnswer, Question
from simulations.engine.factory import Deciding, build_engine
from simulations.engine.policies.building import Ports
from simulations.engine.policies.store import MemoryStore
from simulations.engine.spec import ScenarioSpec
from simulations.scenarios import scenario_of

NAMES = ("hybrid_10k_steps_per_second", "vector_1m_steps_per_second", "simulation_rss_growth_mb")
_TOWN = {"size": 105, "density": 0.91, "threshold": 0.5}
_WARM_STEPS, _STEPS, _MILLION_STEPS = 6, 20, 8
_PLAYS, _PLAY_SIZE = 100, 30


class _Models:
    """Answers at once; what is measured is an engine that asks nobody any more."""

    calls = 0

    async def ask(self, question: Question) -> ModelAnswer:
        self.calls += 1
        value = {"options": [{"action": "stay", "weight": 97}, {"action": "move", "weight": 3}]}
        return ModelAnswer(value, str(value), "bench-1")


def measure() -> list[dict[str, Any]]:
    return [_hybrid(), _million(), _growth()]


def _hybrid() -> dict[str, Any]:
    """Every resident's decision comes from the answers of a model, known before; some move, and others look again."""
    models = _Models()
    deciding = Deciding(ports=Ports(models=models, store=MemoryStore()))
    engine = build_engine(_spec("schelling"), seed=1, parameters=_TOWN, policy="llm", deciding=deciding)
    with engine:
        engine.run_now(_WARM_STEPS)
        asked, began = models.calls, time.process_time()
        latest = engine.run_now(_WARM_STEPS + _STEPS)
        seconds = time.process_time() - began
    agents, new = sum(latest.decisions.values()), models.calls - asked
    note = f"Schelling, {agents:,} residents one after the other, policy llm, {new} new calls in {_STEPS} steps"
    return _at_least("hybrid_10k_steps_per_second", _STEPS / seconds, "steps/s", 5, note)


def _million() -> dict[str, Any]:
    parameters = {"population": 1_000_000, "first_cases": 1000, "r0": 3.0}
    with build_engine(_spec("sir"), seed=1, parameters=parameters) as engine:
        engine.run_now(2)
        began = time.process_time()
        latest = engine.run_now(2 + _MILLION_STEPS)
        seconds = time.process_time() - began
    note = f"SIR, 1,000,000 people, rule in columns; step {latest.step}: {latest.metrics['reached']:.1%} reached"
    return _at_least("vector_1m_steps_per_second", _MILLION_STEPS / seconds, "steps/s", 1, note)


def _growth() -> dict[str, Any]:
    """In a process of its own, after five plays that warm it up."""
    program = f"from bench.{Path(__file__).stem} import growth; print(growth())"
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    note = f"{_PLAYS} plays with Mesa's bodies on a {_PLAY_SIZE}x{_PLAY_SIZE} grid in one process"
    return report.against_goal("simulation_rss_growth_mb", float(said), "MB", 10, note)


def growth() -> float:
    """Megabytes that a hundred plays add."""
    for seed in range(5):
        _play(seed)
    before = _resident()
    for seed in range(_PLAYS):
        _play(seed)
    return max(0.0, _resident() - before)


def _play(seed: int) -> None:
    from simulations.engine.mesa_adapter import Bodies

    with build_engine(_spec("schelling"), seed=seed, parameters={"size": _PLAY_SIZE}) as engine:
        bodies = Bodies(engine.world.scene.space)
        if {len(cell.neighborhood) for cell in bodies.cells} != {8}:  # asking is what fills Mesa's caches
            raise RuntimeError("A cell on a torus has eight neighbours.")
        engine.run_now(2)
        bodies.follow()
        bodies.release()


def _resident() -> float:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def _spec(key: str) -> ScenarioSpec:
    found = scenario_of(key)
    if found is None:
        raise LookupError(key)
    return found


def _at_least(name: str, value: float, unit: str, goal: float, note: str) -> dict[str, Any]:
    return {**report.against_goal(name, value, unit, goal, note), "better": "higher"}


if __name__ == "__main__":
    print(report.table([report.entry(one) for one in measure()]))
