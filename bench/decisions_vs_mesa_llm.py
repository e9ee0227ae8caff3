"""The same town, decided by the same model over HTTP: ours against mesa-llm, cold, taking turns.

Schelling's town with a threshold of one half: every resident is told how many of its neighbours are like it and decides
whether to move. The model server is a process of its own and takes 200 ms for each answer. mesa-llm asks for each resident
(a plan, then a tool call) with as many calls under way as it likes; ours asks once for each distinct situation, through
the product's gateway, with at most 50 calls under way.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from agents.llm.wire import close_clients
from bench.models import calls_of, model_server
from bench.plain import mesa_llm_apart
from simulations.engine.factory import Deciding, build_engine
from simulations.engine.policies.building import Ports
from simulations.engine.spec import ScenarioSpec, parse_scenario
from simulations.scenarios import document_of
from tests.simulations.http_models import HttpModels

NAMES = ("decisions_vs_mesa_llm_10", "decisions_vs_mesa_llm_100", "decisions_vs_mesa_llm_1000")
LATENCY = 0.2
SERVER = "bench.plain.town_models"


@dataclass(frozen=True, slots=True)
class Size:
    """A town of `residents` on a square of `side` places; how often it is played, and for how many steps."""

    residents: int
    side: int
    steps: int
    rounds: int
    goal: float


SIZES = (Size(10, 4, 10, 2, 3.0), Size(100, 11, 10, 2, 5.0), Size(1000, 35, 2, 1, 20.0))


def measure() -> list[dict[str, Any]]:
    spec = _town()
    with model_server(LATENCY, SERVER) as url:
        models = HttpModels(url)
        warm_up = Size(10, 4, 1, 1, 0)  # both have spoken with the server before
        mesa_llm_apart.play(url, side=warm_up.side, residents=warm_up.residents, steps=1, seed=0)
        asyncio.run(_our_seconds(models, spec, warm_up, seed=0))
        return [_compare(url, models, spec, size) for size in SIZES]


def _compare(url: str, models: HttpModels, spec: ScenarioSpec, size: Size) -> dict[str, Any]:
    ours, theirs, our_calls, their_calls, version = [], [], 0, 0, ""
    for seed in range(size.rounds):
        before = calls_of(url)
        ours.append(size.residents * size.steps / asyncio.run(_our_seconds(models, spec, size, seed)))
        between = calls_of(url)
        played = mesa_llm_apart.play(url, side=size.side, residents=size.residents, steps=size.steps, seed=seed)
        theirs.append(played.decisions / played.seconds)
        our_calls, their_calls = our_calls + between - before, their_calls + calls_of(url) - between
        version = played.version
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    return {
        "name": f"decisions_vs_mesa_llm_{size.residents}",
        "value": round(statistics.median(ours), 1),
        "unit": "decisions/s",
        "baseline": round(statistics.median(theirs), 1),
        "ratio": round(ratio, 1),
        "better": "higher",
        "note": f"mesa-llm {version}, Schelling from a cold start, steps: {size.steps}, {LATENCY * 1000:.0f} ms a call over HTTP; "
        f"{our_calls} calls against {their_calls}; goal {size.goal:g}x",
    }


async def _our_seconds(models: HttpModels, spec: ScenarioSpec, size: Size, seed: int) -> float:
    """Seconds for the steps, from a world that stands and knows no answer yet."""
    parameters = {"size": size.side, "density": size.residents / size.side**2}
    deciding = Deciding(Ports(models=models))
    try:
        with build_engine(spec, seed=seed, parameters=parameters, policy="llm", deciding=deciding) as engine:
            if engine.world.state.rows != size.residents:
                raise RuntimeError(f"{engine.world.state.rows} residents are not {size.residents}.")
            began = time.perf_counter()
            for _ in range(size.steps):
                await engine.step()
            return time.perf_counter() - began
    finally:
        await close_clients()


def _town() -> ScenarioSpec:
    """Schelling's town of the library, with room for a handful, all deciding at the same time as mesa-llm's do."""
    told: dict[str, Any] = deepcopy(dict(document_of("schelling")))
    parameters = told["spec"]["parameters"]
    parameters["size"] |= {"min": 4}
    parameters["threshold"]["default"] = 0.5
    parameters["activation"]["default"] = "simultaneous"
    told["spec"]["time"] = {"activation": "simultaneous", "max_steps": 300}
    return parse_scenario(told)


if __name__ == "__main__":
    for entry in measure():
        print(entry)
