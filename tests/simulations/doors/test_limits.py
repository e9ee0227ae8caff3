"""How large a play may be, how many may run at once: refused in plain words, and nothing is begun."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from simulations.models import Scenario, Simulation
from tests.simulations.conftest import Begin

PLAYS = "/w/acme/api/v1/simulations/"


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"parameters": {"size": 40}}, "parameters", "There would be 1,440 agents; at most 1,000 may be."),
    ({"steps": 51}, "steps", "The number of steps must be between 1 and 50."),
    ({"steps": 50}, "steps", "With 360 agents at most 27 steps can be played; choose fewer of either."),
    ({"budget": {"usd": -1}}, "budget.usd", "Ensure this value is greater than or equal to 0."),
    ({"budget": {"rubles": 1}}, "budget.rubles", "A budget has: calls, tokens, usd, after_cap."),
    ({"policy": {"resident": "guess"}}, "policy.resident", "Schelling segregation offers these policies: "),
    ({"policy": {"visitor": "rule"}}, "policy.visitor", "Schelling segregation has these archetypes: resident."),
]


@pytest.mark.parametrize(("sent", "field", "detail"), REFUSED)
def test_what_is_too_large_is_refused_with_the_limit(
    sent: dict[str, Any], field: str, detail: str, api: APIClient, scenario: Scenario, settings: Settings
) -> None:
    settings.SIMULATIONS_MAX_AGENTS, settings.SIMULATIONS_MAX_STEPS = 1_000, 50
    settings.SIMULATIONS_MAX_WORK = 10_000
    answer = api.post(PLAYS, {"scenario": str(scenario.pk), "steps": 20, **sent})
    assert answer.status_code == 400, answer.data
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert error["detail"].startswith(detail), error
    assert not Simulation.objects.exists()


def test_only_so_many_run_at_once_in_a_workspace(
    api: APIClient, begin: Begin, scenario: Scenario, settings: Settings
) -> None:
    settings.SIMULATIONS_MAX_CONCURRENT = 1
    running, ready = begin(), begin(start=False)
    for answer in (
        api.post(PLAYS, {"scenario": str(scenario.pk)}),
        api.post(f"{PLAYS}{ready.pk}/resume/"),
        api.post(f"{PLAYS}{ready.pk}/step/"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "too_many")
        assert answer.json()["detail"].startswith("1 simulations are running in this workspace; at most 1 may at once.")
    assert api.post(f"{PLAYS}{running.pk}/pause/").status_code == 202
    assert api.post(f"{PLAYS}{ready.pk}/resume/").status_code == 202
