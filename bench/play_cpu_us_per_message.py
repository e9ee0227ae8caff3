"""What a word costs in a play in which 5,000 agents speak in every step, beside the same sentences in plain lists that are hashed as JSON."""

from __future__ import annotations

import gc
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import orjson

from simulations.engine import HybridSimulationEngine
from simulations.engine.spec import ScenarioSpec, parse_scenario

_AGENTS, _STEPS, _ROUNDS = 5_000, 4, 5


def measure() -> dict[str, Any]:
    """Medians of interleaved rounds; of the play, what the same one takes in which nobody speaks is taken away."""
    gc.collect()
    gc.freeze()  # what other measurements left behind in this process is not searched again and again
    speaking, silent = _town({"send": {"to": "partner", "text": "I am {id}"}}), _town({"add": "said", "value": "1"})
    ours, plain = [], []
    for seed in range(_ROUNDS):
        ours.append(_microseconds(_play(speaking, seed)) - _microseconds(_play(silent, seed)))
        plain.append(_microseconds(_put_down))
    value, baseline = statistics.median(ours), statistics.median(plain)
    return {
        "name": "play_cpu_us_per_message",
        "value": round(value, 2),
        "unit": "µs of CPU",
        "baseline": round(baseline, 2),
        "ratio": round(statistics.median(mine / theirs for mine, theirs in zip(ours, plain, strict=True)), 1),
        "better": "lower",
        "note": f"{_AGENTS:,} agents, each to its partner, {_STEPS} steps, in the digest; baseline: lists by recipient, hashed as JSON",
    }


def _town(effect: dict[str, Any]) -> ScenarioSpec:
    people = {"count": str(_AGENTS), "state": {"said": {"type": "int"}}, "partner": "all"}
    spec = {
        "family": "abm",
        "environment": {"space": "none"},
        "archetypes": {"person": people},
        "actions": {"talk": {"effect": [effect]}},
        "policies": {"rule": {"kind": "rule", "choose": [{"do": "talk"}]}},
        "metrics": {"said": {"sum": "said", "over": "person"}},
    }
    return parse_scenario({"metadata": {"name": "talk"}, "spec": spec})


def _play(spec: ScenarioSpec, seed: int) -> Callable[[], object]:
    engine = HybridSimulationEngine(spec, seed=seed)

    def play() -> None:
        with engine:
            engine.run_now(_STEPS)

    return play


def _put_down() -> None:
    for step in range(_STEPS):
        inboxes: dict[str, list[str]] = defaultdict(list)
        for agent in range(_AGENTS):
            inboxes[str((agent * 7 + step) % _AGENTS)].append(f"I am {agent:,}")
        blake2b(orjson.dumps(inboxes, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _microseconds(play: Callable[[], object]) -> float:
    """Of CPU time, for each message."""
    start = time.process_time()
    play()
    return (time.process_time() - start) * 1e6 / (_AGENTS * _STEPS)


if __name__ == "__main__":
    print(measure())
