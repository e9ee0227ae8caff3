"""POST simulations/."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from projects.work.models import WorkItem
from simulations.models import Scenario, Simulation
from tenants.models import User
from tenants.workspace.models import AuditEntry
from tests.conftest import ApiOf
from tests.simulations.conftest import work

URL = "/w/acme/api/v1/simulations/"


def test_it_starts_with_the_scenarios_defaults(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    answer = api_of(alice).post(URL, {"scenario": str(scenario.pk), "steps": 20}, format="json")
    assert answer.status_code == 202
    shown = answer.json()
    assert (shown["status"], shown["step"], shown["steps"], shown["seed"], shown["policy"]) == (
        "running",
        0,
        20,
        5,
        "rule",
    )
    assert shown["parameters"] == {
        "size": 20,
        "density": 0.9,
        "threshold": 0.7,
        "share": 0.5,
        "activation": "random",
    }
    item = WorkItem.objects.get()
    assert (item.schema, item.kind, item.queue, str(item.object_id)) == (
        "t_acme",
        "simulation",
        "simulations",
        shown["id"],
    )
    assert AuditEntry.objects.filter(action="simulation.created").count() == 1


def test_its_result_is_shown_beside_the_published_one(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    client = api_of(alice)
    sent = {"scenario": str(scenario.pk), "parameters": {"size": 51, "density": 0.95, "threshold": 0.3}, "seed": 1}
    made = client.post(URL, sent, format="json").json()
    assert work()
    shown = client.get(f"{URL}{made['id']}/").json()
    assert (shown["status"], shown["llm_calls"], shown["cost"]) == ("completed", 0, 0.0)
    assert len(shown["digest"]) == 32
    [published] = shown["published"]
    assert (published["metric"], published["low"], published["high"], published["holds"]) == (
        "similarity",
        0.7,
        0.8,
        True,
    )
    assert published["measured"] == shown["metrics"]["similarity"]


def test_one_that_is_not_to_start_waits(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    sent = {"scenario": str(scenario.pk), "start": False}
    assert api_of(alice).post(URL, sent, format="json").json()["status"] == "ready"
    assert not WorkItem.objects.exists()


def test_without_a_seed_each_play_is_another(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    Scenario.objects.update(seed=None)
    sent = {"scenario": str(scenario.pk), "start": False}
    seeds = {api_of(alice).post(URL, sent, format="json").json()["seed"] for _ in range(4)}
    assert len(seeds) == 4


def test_the_same_request_twice_is_one_play(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    sent = {"scenario": str(scenario.pk)}
    first, second = (api_of(alice).post(URL, sent, format="json", HTTP_IDEMPOTENCY_KEY="once") for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert Simulation.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "field", "detail"),
    [
        (
            {"parameters": {"threshold": "high"}},
            "parameters.threshold",
            "Wanted share of similar neighbours must be a number.",
        ),
        ({"parameters": {"density": 0.2}}, "parameters.density", "Density must be between 0.5 and 0.99."),
        (
            {"parameters": {"heat": 1}},
            "parameters.heat",
            "There is no parameter 'heat'; there are: size, density, threshold, share, activation.",
        ),
        ({"parameters": [1]}, "parameters", 'Expected a dictionary of items but got type "list".'),
        ({"parameters": {"size": {"a": 1}}}, "parameters.size", "Size of the town must be a whole number."),
        ({"policy": "guess"}, "policy", "Schelling segregation offers these policies: rule, llm, hybrid; not 'guess'."),
        ({"steps": 100_001}, "steps", "The number of steps must be between 1 and 100,000."),
        ({"steps": 1_000_001}, "steps", "Ensure this value is less than or equal to 1000000."),
        ({"pace": 61}, "pace", "Ensure this value is less than or equal to 60.0."),
        ({"seed": 2**31}, "seed", "Ensure this value is less than or equal to 2147483647."),
        (
            {"parameters": {"size": 200, "density": 0.9}, "steps": 27_778},
            "steps",
            "With 36,000 agents at most 27,777 steps can be played; choose fewer of either.",
        ),
    ],
)
def test_a_bad_one_is_refused_and_nothing_is_made(
    sent: dict[str, Any], field: str, detail: str, api_of: ApiOf, alice: User, scenario: Scenario
) -> None:
    answer = api_of(alice).post(URL, {"scenario": str(scenario.pk), **sent}, format="json")
    assert answer.status_code == 400
    assert [(error["field"], error["detail"]) for error in answer.json()["errors"]] == [(field, detail)]
    assert not Simulation.objects.exists()
    assert not WorkItem.objects.exists()


def test_nobody_else_can(api_of: ApiOf, victor: User, mallory: User, scenario: Scenario) -> None:
    sent = {"scenario": str(scenario.pk)}
    assert api_of(mallory).post("/w/globex/api/v1/simulations/", sent, format="json").status_code == 404
    assert not Simulation.objects.exists()
    assert api_of(mallory).post(URL, sent, format="json").status_code == 404
    assert api_of(victor).post(URL, sent, format="json").status_code == 403
    assert not Simulation.objects.exists()


def test_a_scenario_that_is_not_there_is_not_found(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    assert api_of(alice).post(URL, {"scenario": str(uuid4())}, format="json").status_code == 404


@pytest.mark.parametrize("name", [r"\ud800", r"\u0000", "Size", "a" * 61, ""])
def test_a_name_that_no_parameter_can_have_is_refused(
    name: str, api_of: ApiOf, alice: User, scenario: Scenario
) -> None:
    body = f'{{"scenario": "{scenario.pk}", "parameters": {{"{name}": 1}}}}'
    answer = api_of(alice).post(URL, body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert not Simulation.objects.exists()
