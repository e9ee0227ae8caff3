from __future__ import annotations

from typing import Any

import pytest

from simulations.engine.errors import ParametersRefused, UnknownPolicy
from simulations.engine.hybrid import HybridSimulationEngine
from simulations.engine.parameters import settle_parameters
from tests.simulations.plays import SCHELLING


def test_what_is_not_given_is_the_default() -> None:
    assert settle_parameters(SCHELLING.declared(), {"threshold": 1}) == {
        "size": 51,
        "density": 0.95,
        "threshold": 1.0,
        "share": 0.5,
        "activation": "random",
    }


@pytest.mark.parametrize(
    ("given", "path", "sentence"),
    [
        ({"threshold": 1.4}, "parameters.threshold", "Wanted share of similar neighbours must be between 0 and 1."),
        (
            {"threshold": float("nan")},
            "parameters.threshold",
            "Wanted share of similar neighbours must be between 0 and 1.",
        ),
        ({"threshold": "0.4"}, "parameters.threshold", "Wanted share of similar neighbours must be a number."),
        ({"size": 9}, "parameters.size", "Size of the town must be between 10 and 200."),
        ({"size": 20.5}, "parameters.size", "Size of the town must be a whole number."),
        ({"size": True}, "parameters.size", "Size of the town must be a whole number."),
        ({"size": 10**400}, "parameters.size", "Size of the town must be between 10 and 200."),
        ({"activation": "all"}, "parameters.activation", "Activation must be one of: random, simultaneous."),
        ({"density": None}, "parameters.density", "Density must be a number."),
        (
            {"colour": "red"},
            "parameters.colour",
            "There is no parameter 'colour'; there are: size, density, threshold, share, activation.",
        ),
    ],
)
def test_a_bad_parameter_is_refused_with_its_path_and_range(given: dict[str, Any], path: str, sentence: str) -> None:
    with pytest.raises(ParametersRefused) as caught:
        HybridSimulationEngine(SCHELLING, seed=1, parameters=given)
    assert [(refusal.path, refusal.detail) for refusal in caught.value.refusals] == [(path, sentence)]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(ParametersRefused) as caught:
        settle_parameters(SCHELLING.declared(), {"size": 5, "density": 2, "nonsense": 1})
    assert {refusal.path for refusal in caught.value.refusals} == {
        "parameters.size",
        "parameters.density",
        "parameters.nonsense",
    }


def test_a_policy_that_the_scenario_does_not_offer_is_refused() -> None:
    with pytest.raises(
        UnknownPolicy, match="Schelling segregation offers these policies: rule, llm, hybrid; not 'guess'"
    ):
        HybridSimulationEngine(SCHELLING, seed=1, policy="guess")
