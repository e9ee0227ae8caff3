"""A workspace's scenarios over the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from simulations.chat.library import conversations
from simulations.models import Scenario, Simulation
from simulations.scenarios import catalogue
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.conftest import ApiOf
from tests.simulations.conftest import SMALL, Begin

LIST = "/w/acme/api/v1/scenarios/"


def test_a_scenario_of_the_library_is_added(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    answer = api_of(alice).post(LIST, {"key": "schelling", "parameters": {"threshold": 0.4}}, format="json")
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["steps"], made["policies"]) == (
        "Schelling segregation",
        300,
        ["rule", "llm", "hybrid"],
    )
    assert made["parameters"] == {"threshold": 0.4}
    assert [parameter["name"] for parameter in made["declared"]] == [
        "size",
        "density",
        "threshold",
        "share",
        "activation",
    ]
    assert [preset["name"] for preset in made["presets"]] == ["mild", "even", "strong"]
    assert [metric["name"] for metric in made["metrics"]] == ["similarity", "unhappy"]
    assert Scenario.objects.get().key == "schelling"
    assert AuditEntry.objects.get(action="scenario.added").target_id == Scenario.objects.get().pk


@pytest.mark.parametrize(
    ("sent", "field", "detail"),
    [
        (
            {"key": "wealth"},
            "key",
            f"There is no scenario 'wealth'; there are: {', '.join([*catalogue(), *conversations()])}.",
        ),
        (
            {"key": "schelling", "policy": "guess"},
            "policy",
            "Schelling segregation offers these policies: rule, llm, hybrid; not 'guess'.",
        ),
        ({"key": "schelling", "steps": 0}, "steps", "Ensure this value is greater than or equal to 1."),
        ({"key": "schelling", "seed": -1}, "seed", "Ensure this value is greater than or equal to 0."),
        (
            {"key": "schelling", "parameters": {"threshold": 2}},
            "parameters.threshold",
            "Wanted share of similar neighbours must be between 0 and 1.",
        ),
        (
            {"key": "schelling", "parameters": {"size": 200}, "steps": 30_000},
            "steps",
            "With 38,000 agents at most 26,315 steps can be played; choose fewer of either.",
        ),
        ({"key": "schelling", "colour": "red"}, "colour", "This is not known here; remove it."),
    ],
)
def test_a_bad_one_is_refused(
    sent: dict[str, Any], field: str, detail: str, api_of: ApiOf, alice: User, in_acme: Tenant
) -> None:
    answer = api_of(alice).post(LIST, sent, format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [(error["field"], error["detail"]) for error in answer.json()["errors"]] == [(field, detail)]
    assert not Scenario.objects.exists()


def test_who_may_only_look_cannot_add_or_change(api_of: ApiOf, victor: User, scenario: Scenario) -> None:
    client = api_of(victor)
    assert client.post(LIST, {"key": "schelling"}, format="json").status_code == 403
    assert client.patch(f"{LIST}{scenario.pk}/", {"name": "Mine"}, format="json").status_code == 403
    assert client.delete(f"{LIST}{scenario.pk}/").status_code == 403
    assert client.get(f"{LIST}{scenario.pk}/").status_code == 200
    assert list(Scenario.objects.values_list("name", flat=True)) == ["Schelling segregation"]


def test_a_stranger_finds_nothing(api_of: ApiOf, mallory: User, scenario: Scenario) -> None:
    client = api_of(mallory)
    for address in (LIST, f"{LIST}{scenario.pk}/", f"/w/globex/api/v1/scenarios/{scenario.pk}/"):
        assert client.get(address).status_code == 404
    assert client.get("/w/globex/api/v1/scenarios/").json()["results"] == []


def test_defaults_and_words_are_changed(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    client = api_of(alice)
    seen = client.get(f"{LIST}{scenario.pk}/")
    change = {"name": "Our town", "parameters": {"threshold": 0.5}}
    answer = client.patch(f"{LIST}{scenario.pk}/", change, format="json", HTTP_IF_MATCH=seen["ETag"])
    assert answer.status_code == 200
    scenario.refresh_from_db()
    assert (scenario.name, scenario.parameters, scenario.seed) == ("Our town", {"threshold": 0.5}, 5)
    late = client.patch(f"{LIST}{scenario.pk}/", {"name": "Late"}, format="json", HTTP_IF_MATCH=seen["ETag"])
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    scenario.refresh_from_db()
    assert scenario.name == "Our town"


@pytest.mark.parametrize("change", [{"key": "wealth"}, {"parameters": {"size": 3}}, {"policy": "guess"}])
def test_a_bad_change_changes_nothing(change: dict[str, Any], api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    before = Scenario.objects.values().get()
    assert api_of(alice).patch(f"{LIST}{scenario.pk}/", change, format="json").status_code == 400
    assert Scenario.objects.values().get() == before


def test_plays_outlive_their_scenario(api_of: ApiOf, alice: User, begin: Begin) -> None:
    simulation = begin()
    client = api_of(alice)
    assert client.delete(f"{LIST}{simulation.scenario_id}/").status_code == 204
    shown = client.get(f"/w/acme/api/v1/simulations/{simulation.pk}/").json()
    assert (shown["scenario"], shown["key"], shown["parameters"]["size"]) == (None, "schelling", SMALL["size"])
    assert Simulation.objects.get().status == "running"


def test_the_list_costs_the_same_however_long(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    client = api_of(alice)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for _ in range(5):
        scenario.pk = uuid4()
        scenario.save(force_insert=True)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(LIST).json()["results"]) == 6
    assert len(many) == len(one)
