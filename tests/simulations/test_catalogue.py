from __future__ import annotations

import json

from simulations.engine.parameters import settle_parameters
from simulations.scenarios import catalogue


def test_the_library_is_found_by_itself() -> None:
    assert {"schelling", "sir", "boltzmann", "nowak-may", "deffuant", "voter"} <= set(catalogue())


def test_every_scenario_says_where_it_comes_from_and_keeps_its_own_rules() -> None:
    for scenario in catalogue().values():
        assert scenario.source
        assert scenario.expect
        chosen = [preset.parameters for preset in scenario.presets]
        for parameters in (*chosen, *(expected.when for expected in scenario.expect)):
            settle_parameters(scenario.declared(), parameters)
        assert {expected.metric for expected in scenario.expect} <= set(scenario.metrics)
        json.dumps(settle_parameters(scenario.declared(), {}))
