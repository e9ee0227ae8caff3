"""The engine with all it records (order, validation, digest) against the same rule in plain Mesa: by its rule, and on known answers of a model."""

from __future__ import annotations

import gc
import re
import statistics
import time
from typing import TYPE_CHECKING, Any

from mesa import Model
from mesa.discrete_space import Cell, CellAgent, OrthogonalMooreGrid

from simulations.engine.decisions import ModelAnswer, Question
from simulations.engine.factory import Deciding, build_engine
from simulations.engine.policies.building import Ports
from simulations.engine.policies.store import MemoryStore
from simulations.scenarios import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAMES = ("engine_vs_mesa", "engine_on_known_answers_vs_mesa")
_SIZE, _DENSITY, _THRESHOLD, _STEPS, _ROUNDS = 51, 0.9, 0.7, 25, 5
_COUNTS = re.compile(r"(\d+) hold people of your own group and (\d+) hold")


class _Resident(CellAgent):
    """A resident written as Mesa's own examples write it."""

    def __init__(self, model: _Town, cell: Cell, group: int) -> None:
        super().__init__(model)
        self.cell = cell
        self.group = group

    def share(self) -> float:
        near = [agent for cell in self.cell.neighborhood for agent in cell.agents]
        return sum(agent.group == self.group for agent in near) / len(near) if near else 1.0

    def step(self) -> None:
        if self.share() < _THRESHOLD:
            self.cell = self.model.grid.select_random_empty_cell()
            self.model.moved += 1


class _Town(Model):
    def __init__(self, seed: int) -> None:
        super().__init__(seed=seed)
        self.grid = OrthogonalMooreGrid((_SIZE, _SIZE), torus=True, capacity=1, random=self.random)
        self.moved = 0
        for cell in self.grid.all_cells:
            if self.random.random() < _DENSITY:
                _Resident(self, cell, self.random.randrange(2))

    def step(self) -> None:
        self.moved = 0
        self.agents.shuffle_do("step")
        shares = self.agents.map("share")
        self.metrics = (statistics.fmean(shares), sum(share < _THRESHOLD for share in shares), self.moved)


class _AsTheRule:
    """A model that answers as the rule does, at once."""

    async def ask(self, question: Question) -> ModelAnswer:
        [(same, other)] = [(int(own), int(rest)) for own, rest in _COUNTS.findall(question.prompt)]
        action = "move" if same + other and same / (same + other) < _THRESHOLD else "stay"
        value = {"options": [{"action": action, "weight": 100}]}
        return ModelAnswer(value, str(value), "bench-1")


def measure() -> list[dict[str, Any]]:
    """Steps per second of CPU time, median of interleaved rounds (the parts take turns on a noisy machine)."""
    gc.collect()
    gc.freeze()  # what other measurements left behind in this process is not searched again and again
    rule, known, plain = [], [], []
    for seed in range(_ROUNDS):
        rule.append(_steps_per_second(_our_run(seed, policy="rule", store=MemoryStore())))
        store = MemoryStore()
        _our_run(seed, policy="llm", store=store)()  # after this every answer is known
        known.append(_steps_per_second(_our_run(seed, policy="llm", store=store)))
        plain.append(_steps_per_second(_mesa_run(seed)))
    return [
        _entry("engine_vs_mesa", rule, plain, "rule"),
        _entry("engine_on_known_answers_vs_mesa", known, plain, "llm"),
    ]


def _entry(name: str, ours: Sequence[float], plain: Sequence[float], policy: str) -> dict[str, Any]:
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, plain, strict=True))
    return {
        "name": name,
        "value": round(statistics.median(ours), 1),
        "unit": "steps/s",
        "baseline": round(statistics.median(plain), 1),
        "ratio": round(ratio, 2),
        "better": "higher",
        "note": f"Schelling {_SIZE}x{_SIZE}, threshold {_THRESHOLD}, policy {policy}, random activation, {_STEPS} steps, CPU time",
    }


def _our_run(seed: int, *, policy: str, store: MemoryStore) -> Callable[[], object]:
    parameters = {"size": _SIZE, "density": _DENSITY, "threshold": _THRESHOLD}
    deciding = Deciding(ports=Ports(models=_AsTheRule(), store=store))
    engine = build_engine(catalogue()["schelling"], seed=seed, parameters=parameters, policy=policy, deciding=deciding)

    def play() -> None:
        with engine:
            engine.run_now(_STEPS)

    return play


def _mesa_run(seed: int) -> Callable[[], object]:
    town = _Town(seed)

    def play() -> None:
        for _ in range(_STEPS):
            town.step()

    return play


def _steps_per_second(play: Callable[[], object]) -> float:
    start = time.process_time()
    play()
    return _STEPS / (time.process_time() - start)


if __name__ == "__main__":
    print(measure())
