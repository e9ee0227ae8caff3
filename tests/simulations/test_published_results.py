"""Every scenario of the library must reproduce what was published about it."""

from __future__ import annotations

import statistics

import pytest

from simulations.engine import HybridSimulationEngine
from simulations.engine.scenario import Expectation, Scenario
from simulations.scenarios import catalogue

CASES = [
    pytest.param(scenario, expected, id=f"{scenario.key}-{expected.metric}-{number}")
    for scenario in catalogue().values()
    for number, expected in enumerate(scenario.expectations)
]


def final(scenario: Scenario, expected: Expectation, seed: int, **more: str) -> float:
    with HybridSimulationEngine(scenario, seed=seed, parameters={**expected.when, **more}) as engine:
        return engine.run(expected.steps).metrics[expected.metric]


@pytest.mark.parametrize(("scenario", "expected"), CASES)
def test_the_published_result_appears(scenario: Scenario, expected: Expectation) -> None:
    mean = statistics.fmean(final(scenario, expected, seed) for seed in range(expected.seeds))
    assert expected.low <= mean <= expected.high


def test_schelling_simultaneous_activation_gives_the_same_division() -> None:
    scenario = catalogue()["schelling"]
    expected = scenario.expectations[1]
    mean = statistics.fmean(final(scenario, expected, seed, activation="simultaneous") for seed in range(3))
    assert 0.82 <= mean <= 0.91


def test_a_town_begins_mixed() -> None:
    with HybridSimulationEngine(catalogue()["schelling"], seed=1, parameters={"density": 0.95}) as engine:
        assert engine.latest.metrics["similarity"] == pytest.approx(0.5, abs=0.02)
        assert engine.world.state.rows == 2471
