from __future__ import annotations

import json

from simulations.engine.parameters import settle_parameters
from simulations.scenarios import catalogue


def test_the_library_is_found_by_itself() -> None:
    assert list(catalogue()) == ["schelling"]


def test_every_scenario_says_where_it_comes_from_and_keeps_its_own_rules() -> None:
    for scenario in catalogue().values():
        assert scenario.source
        assert scenario.expectations
        chosen = [preset.parameters for preset in scenario.presets]
        for parameters in (*chosen, *(expected.when for expected in scenario.expectations)):
            settle_parameters(scenario.parameters, parameters)
        names = {metric.name for metric in scenario.metrics}
        assert {expected.metric for expected in scenario.expectations} <= names
        json.dumps(settle_parameters(scenario.parameters, {}))


def test_the_summary_is_a_sentence() -> None:
    sentence = catalogue()["schelling"].summarise({"similarity": 0.7531, "unhappy": 1212, "moved": 38})
    assert sentence == "75% of neighbours are alike; 1,212 residents are unhappy and 38 moved in this step."
