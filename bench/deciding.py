"""How few calls a town needs whose residents a model decides for, and how fast a recorded play is gone through again.

Schelling's town on 50x50 places, 10 steps, the same answers as a model gave them; the model is in this process and answers
at once, since what counts here is how often it is asked and what the engine itself takes.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from decimal import Decimal
from typing import Any

import orjson

from simulations.engine import HybridSimulationEngine
from simulations.engine.decisions import ModelAnswer, Question
from simulations.engine.factory import Deciding, build_engine
from simulations.engine.policies.building import Ports
from simulations.engine.recording import Replay
from simulations.scenarios import catalogue

NAMES = ("calls_per_decision_schelling", "replay_decisions_per_second")
STEPS, ROUNDS, MOST_CALLS, SPEED = 10, 5, 0.005, 100_000
_SEEN = re.compile(r"(\d+) hold people of your own group and (\d+) hold")
_SPEC = catalogue()["schelling"]


class Opinionated:
    """A model that wants to move with some odds, more of them where it is in the minority."""

    def __init__(self) -> None:
        self.calls = 0

    async def ask(self, question: Question) -> ModelAnswer:
        self.calls += 1
        found = _SEEN.search(question.prompt)
        like, unlike = (int(found[1]), int(found[2])) if found else (0, 0)
        odds = 90 if like + unlike and like / (like + unlike) < 0.4 else 2
        options = [{"action": "move", "weight": odds}, {"action": "stay", "weight": 100 - odds}]
        value = {"options": options}
        return ModelAnswer(value, orjson.dumps(value).decode(), "opinionated", 120, 20, Decimal(0), 0.0)


def measure() -> list[dict[str, Any]]:
    return [_calls(), _replay()]


def _play(deciding: Deciding, seed: int, activation: str) -> HybridSimulationEngine:
    parameters = {"size": 50, "density": 0.8, "activation": activation}
    return build_engine(_SPEC, seed=seed, parameters=parameters, policy="llm", deciding=deciding)


def _calls() -> dict[str, Any]:
    shares = {}
    for activation in ("random", "simultaneous"):
        models = Opinionated()
        with _play(Deciding(Ports(models=models)), 1, activation) as engine:
            engine.run_now(STEPS)
            shares[activation] = models.calls / (engine.world.state.rows * STEPS)
    return {
        "name": NAMES[0],
        "value": round(max(shares.values()), 5),
        "unit": "calls per decision",
        "baseline": MOST_CALLS,
        "ratio": round(max(shares.values()) / MOST_CALLS, 3),
        "better": "lower",
        "note": "baseline: the goal; Schelling 50x50, 10 steps, nothing known before; "
        + ", ".join(f"{activation} {share:.5f}" for activation, share in shares.items()),
    }


def _replay() -> dict[str, Any]:
    """Decisions of agents per second of CPU time, every state compared with the recorded one."""
    speeds: dict[str, float] = {}
    for activation in ("random", "simultaneous"):
        models = Opinionated()
        deciding = Deciding(Ports(models=models))
        digests: dict[int, str] = {}
        with _play(deciding, 1, activation) as engine:
            while engine.step_number < STEPS:
                result = engine.run_now(engine.step_number + 1)
                digests[result.step] = result.digest
        asked = models.calls
        speeds[activation] = statistics.median(_again(deciding, activation, digests) for _ in range(ROUNDS))
        if models.calls != asked:
            raise RuntimeError("A replay asked a model.")
    return {
        "name": NAMES[1],
        "value": round(speeds["simultaneous"]),
        "unit": "decisions/s",
        "baseline": SPEED,
        "ratio": round(speeds["simultaneous"] / SPEED, 2),
        "better": "higher",
        "note": "baseline: the goal; Schelling 50x50, all at the same time, CPU time, 0 calls, every digest equal; "
        f"one after the other {speeds['random']:,.0f}",
    }


def _again(deciding: Deciding, activation: str, digests: dict[int, str]) -> float:
    known = Deciding(deciding.ports, deciding.log, mode="replay")
    with _play(known, 1, activation) as engine:
        began = time.process_time()
        mismatch = asyncio.run(Replay(engine, digests).run())
        taken = time.process_time() - began
        if mismatch is not None:
            raise RuntimeError(mismatch.sentence)
        return engine.world.state.rows * STEPS / taken


if __name__ == "__main__":
    for entry in measure():
        print(entry)
