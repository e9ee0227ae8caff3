"""The engine with all it records (order, validation, digest, frame) against the same rule in plain Mesa."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

from mesa import Model
from mesa.discrete_space import Cell, CellAgent, OrthogonalMooreGrid

from simulations.engine import HybridSimulationEngine
from simulations.scenarios import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

_SIZE, _DENSITY, _THRESHOLD, _STEPS, _ROUNDS = 51, 0.9, 0.7, 25, 5


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


def measure() -> dict[str, Any]:
    """Steps per second of CPU time, median of interleaved rounds (the parts take turns on a noisy machine)."""
    ours, plain = [], []
    for seed in range(_ROUNDS):
        ours.append(_steps_per_second(_our_run(seed)))
        plain.append(_steps_per_second(_mesa_run(seed)))
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, plain, strict=True))
    return {
        "name": "engine_vs_mesa",
        "value": round(statistics.median(ours), 1),
        "unit": "steps/s",
        "baseline": round(statistics.median(plain), 1),
        "ratio": round(ratio, 2),
        "better": "higher",
        "note": f"Schelling {_SIZE}x{_SIZE}, threshold {_THRESHOLD}, random activation, first {_STEPS} steps, CPU time",
    }


def _our_run(seed: int) -> Callable[[], object]:
    parameters = {"size": _SIZE, "density": _DENSITY, "threshold": _THRESHOLD}
    engine = HybridSimulationEngine(catalogue()["schelling"], seed=seed, parameters=parameters)

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
