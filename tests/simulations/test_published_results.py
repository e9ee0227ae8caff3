"""Schelling's published results, and what a town begins with."""

from __future__ import annotations

import statistics

import pytest

from simulations.engine import HybridSimulationEngine
from simulations.engine.spec.promises import Expectation
from simulations.scenarios import catalogue

SCHELLING = catalogue()["schelling"]


def final(expected: Expectation, seed: int, **more: str) -> float:
    with HybridSimulationEngine(SCHELLING, seed=seed, parameters={**expected.when, **more}) as engine:
        return engine.run_now(expected.steps or SCHELLING.time.max_steps).metrics[expected.metric]


@pytest.mark.parametrize("expected", SCHELLING.expect, ids=lambda each: str(each.when))
def test_the_published_result_appears(expected: Expectation) -> None:
    mean = statistics.fmean(final(expected, seed) for seed in range(expected.seeds))
    assert expected.between[0] <= mean <= expected.between[1]


def test_schelling_simultaneous_activation_gives_the_same_division() -> None:
    expected = SCHELLING.expect[1]
    mean = statistics.fmean(final(expected, seed, activation="simultaneous") for seed in range(3))
    assert 0.82 <= mean <= 0.91


def test_a_town_begins_mixed() -> None:
    with HybridSimulationEngine(SCHELLING, seed=1, parameters={"density": 0.95}) as engine:
        assert engine.latest.metrics["similarity"] == pytest.approx(0.5, abs=0.02)
        assert engine.world.state.rows == 2471
