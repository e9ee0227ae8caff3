"""Published results run as tests: several plays of a scenario, and whether the mean of a metric lies where it was published."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulations.engine.hybrid import HybridSimulationEngine
from simulations.engine.spec import ScenarioSpec
from simulations.engine.spec.promises import Expectation


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the plays of one expectation measured, one value for each seed; `seconds` of processor time for all of them."""

    expectation: Expectation
    measured: tuple[float, ...]
    seconds: float

    @property
    def mean(self) -> float:
        return sum(self.measured) / len(self.measured)

    @property
    def holds(self) -> bool:
        low, high = self.expectation.between
        return low <= self.mean <= high

    def __str__(self) -> str:
        low, high = self.expectation.between
        setting = ", ".join(f"{name} {value}" for name, value in self.expectation.when.items()) or "defaults"
        return f"{self.expectation.metric} with {setting}: {self.mean:.4g}, published {low:g} to {high:g}"


def outcomes(spec: ScenarioSpec) -> Iterator[Outcome]:
    """Each expectation of a scenario with what came out. Those about the same plays share them; seeds are 1, 2, …"""
    for together in _by_plays(spec.expect):
        began = time.process_time()
        ends = [_end(spec, together[0], seed) for seed in range(1, together[0].seeds + 1)]
        seconds = (time.process_time() - began) / len(together)
        for expectation in together:
            yield Outcome(expectation, tuple(metrics[expectation.metric] for metrics in ends), seconds)


def _by_plays(expectations: Iterable[Expectation]) -> list[list[Expectation]]:
    groups: dict[Any, list[Expectation]] = {}
    for expectation in expectations:
        plays = (sorted(expectation.when.items()), expectation.seeds, expectation.steps, expectation.policy)
        groups.setdefault(repr(plays), []).append(expectation)
    return list(groups.values())


def _end(spec: ScenarioSpec, expectation: Expectation, seed: int) -> Mapping[str, float]:
    """The metrics at the end of one play."""
    with HybridSimulationEngine(
        spec, seed=seed, parameters=expectation.when, policy=expectation.policy or "rule"
    ) as engine:
        return engine.run_now(expectation.steps or spec.time.max_steps).metrics
