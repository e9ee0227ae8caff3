"""Small plays of Schelling's model that several tests start from."""

from __future__ import annotations

import asyncio
from typing import Any

from simulations.engine import HybridSimulationEngine, StepResult
from simulations.scenarios import catalogue

SCHELLING = catalogue()["schelling"]
SMALL = {"size": 20, "density": 0.9, "threshold": 0.5}


def play(seed: int = 7, **parameters: Any) -> HybridSimulationEngine:
    return HybridSimulationEngine(SCHELLING, seed=seed, parameters={**SMALL, **parameters})


def results(engine: HybridSimulationEngine, until: int) -> list[StepResult]:
    """Every step from the present one to `until`."""

    async def go() -> list[StepResult]:
        seen = [engine.latest]
        while engine.step_number < until and not engine.is_finished:
            seen.append(await engine.step())
        return seen

    return asyncio.run(go())


def digests(engine: HybridSimulationEngine, until: int) -> list[str]:
    return [result.digest for result in results(engine, until)]
