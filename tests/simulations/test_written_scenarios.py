"""Scenarios that people write in a workspace: over the API, and on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from simulations.engine.spec import parse_scenario
from simulations.manifests import read_scenario
from simulations.models import Scenario, Simulation
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.conftest import ApiOf, ClientOf
from tests.simulations.conftest import work

LIST = "/w/acme/api/v1/scenarios/"
TOWN = (Path(__file__).parent / "spec" / "town.yaml").read_text()
NEW = "/w/acme/scenarios/new/"


def test_a_manifest_becomes_a_scenario(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    answer = api_of(alice).post(LIST, {"manifest": TOWN}, format="json")
    assert answer.status_code == 201, answer.content
    made = Scenario.objects.get()
    assert (made.key, made.version, made.name, made.steps, made.policy) == ("town", "1.2.0", "A town", 50, "rule")
    assert parse_scenario(made.definition) == read_scenario(TOWN)
    assert [preset["name"] for preset in answer.json()["presets"]] == ["small"]
    assert AuditEntry.objects.get(action="scenario.added").target_id == made.pk


def test_it_is_given_back_as_it_was_written(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    made = api_of(alice).post(LIST, {"manifest": TOWN}, format="json").json()
    given = api_of(alice).get(f"{LIST}{made['id']}/manifest/").json()
    assert given["version"] == "1.2.0"
    assert read_scenario(given["manifest"]) == read_scenario(TOWN)


def test_its_own_defaults_are_in_what_is_given_back(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    made = api_of(alice).post(LIST, {"manifest": TOWN}, format="json").json()
    changes = {"parameters": {"wish": 0.5}, "steps": 20, "policy": "mixed", "seed": 7, "name": "Our town"}
    assert api_of(alice).patch(f"{LIST}{made['id']}/", changes, format="json").status_code == 200
    spec = read_scenario(api_of(alice).get(f"{LIST}{made['id']}/manifest/").json()["manifest"])
    assert (spec.parameters["wish"].default, spec.time.max_steps, spec.seed, spec.name) == (0.5, 20, 7, "Our town")
    assert spec.usual_policy == "mixed"


def test_all_faults_are_told_with_their_lines(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    wrong = TOWN.replace("do: move,", "do: fly,").replace('count: "size * size * 0.8"', "count: 1000000000")
    answer = api_of(alice).post(LIST, {"manifest": wrong}, format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    line = next(number for number, text in enumerate(wrong.splitlines(), 1) if "do: fly" in text)
    assert answer.json()["code"] == "manifest"
    assert {
        "field": "spec.policies.rule.archetypes.resident.choose[0].do",
        "code": "unknown",
        "detail": f"line {line}: There is no action “fly”. There are: give, move, stay.",
    } in answer.json()["errors"]
    assert not Scenario.objects.exists()


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("a: [", "", "line 1: This is not readable YAML"),
        ("- 1", "", "A manifest is a mapping"),
        ("metadata: {name: x}\nspec: {family: abm}\n", "spec.archetypes", "This is missing."),
        (TOWN.replace("count: 2", "count: 1000000000"), "spec.archetypes.shop.count", "at most 1,000,000 are allowed"),
        (TOWN.replace("probability: 0.5", "probability: -1"), "spec.policies.rule.archetypes.resident.choose[0].probability", "between 0 and 1"),
        (TOWN.replace("move_to: random_empty", "explode: true"), "spec.actions.move.effect[0]", "One of these must be there"),
        (TOWN.replace("similar >= wish * 8", "similar.__class__"), "spec.archetypes.resident.derived.happy", "There is no “similar.__class__”"),
        (TOWN.replace("similar >= wish * 8", "[x for x in similar]"), "spec.archetypes.resident.derived.happy", "Loops"),
        (TOWN.replace("capacity: 1", "network: {kind: edges, nodes: 2, edges: [[0, 9]]}"), "spec.environment.network.edges[0][1]", "There is no node 9"),
        (TOWN.replace("[0.1, 0.2]}, seeds: 5", "[0.1, 0.2]}, seeds: 5000000"), "spec.sweep", "at most 10,000 are allowed"),
        (TOWN.replace("title: A town", 'title: "A \\0 town"'), "metadata.title", "U+0000 is not allowed"),
        (TOWN.replace("name: town", "name: ../x"), "metadata.name", "does not have the right form"),
    ],
)  # fmt: skip
def test_what_is_refused_starts_nothing(
    api_of: ApiOf, alice: User, in_acme: Tenant, text: str, field: str, said: str
) -> None:
    answer = api_of(alice).post(LIST, {"manifest": text}, format="json")
    assert answer.status_code == 400
    told = {error["field"]: error["detail"] for error in answer.json()["errors"]}
    assert said in told[field]
    assert not Scenario.objects.exists()


@pytest.mark.parametrize(
    "sent", [{}, {"key": "schelling", "manifest": TOWN}, {"manifest": 7}, {"manifest": "x" * 300_000}]
)
def test_one_or_the_other(api_of: ApiOf, alice: User, in_acme: Tenant, sent: dict[str, object]) -> None:
    assert api_of(alice).post(LIST, sent, format="json").status_code == 400
    assert not Scenario.objects.exists()


def test_a_new_version_of_the_definition(api_of: ApiOf, alice: User, victor: User, in_acme: Tenant) -> None:
    made = api_of(alice).post(LIST, {"manifest": TOWN}, format="json").json()
    address = f"{LIST}{made['id']}/manifest/"
    newer = TOWN.replace("1.2.0", "1.3.0").replace("title: A town", "title: Another town")
    assert api_of(victor).put(address, {"manifest": newer}, format="json").status_code == 403
    read = api_of(alice).get(address)
    answer = api_of(alice).put(address, {"manifest": newer}, format="json", headers={"If-Match": read["ETag"]})
    assert answer.status_code == 200, answer.content
    row = Scenario.objects.get()
    assert (row.version, row.name) == ("1.3.0", "Another town")
    stale = api_of(alice).put(address, {"manifest": TOWN}, format="json", headers={"If-Match": read["ETag"]})
    assert stale.status_code == 412
    assert Scenario.objects.get().version == "1.3.0"


def test_nobody_elses(api_of: ApiOf, alice: User, mallory: User, in_acme: Tenant) -> None:
    made = api_of(alice).post(LIST, {"manifest": TOWN}, format="json").json()
    address = f"{LIST}{made['id']}/manifest/"
    assert api_of(mallory).get(address).status_code == 404
    assert api_of(mallory).put(address, {"manifest": TOWN}, format="json").status_code == 404
    assert api_of(alice).get(f"{LIST}{uuid4()}/manifest/").status_code == 404


def test_the_page_checks_and_stores(client_of: ClientOf, alice: User, in_acme: Tenant) -> None:
    client: Client = client_of(alice)
    page = client.get(NEW).content.decode()
    assert "title: My town" in page
    checked = client.post(NEW, {"manifest": TOWN, "act": "check"})
    assert (
        "“A town” can be played: 2 archetypes, 3 actions, 3 policies, 3 metrics, 1 published result."
        in checked.content.decode()
    )
    assert not Scenario.objects.exists()
    stored = client.post(NEW, {"manifest": TOWN, "act": "save"})
    assert stored.status_code == 302
    assert stored["Location"] == f"/w/acme/scenarios/{Scenario.objects.get().pk}/"


def test_the_page_shows_faults_at_their_lines(client_of: ClientOf, alice: User, in_acme: Tenant) -> None:
    wrong = TOWN.replace("wish * 8", "whish * 8")
    answer = client_of(alice).post(NEW, {"manifest": wrong, "act": "save"})
    page = answer.content.decode()
    line = next(number for number, text in enumerate(wrong.splitlines(), 1) if "whish" in text)
    assert answer.status_code == 400
    assert f"<b>Line {line}</b>" in page
    assert "Did you mean “wish”?" in page
    assert "whish * 8" in page
    assert not Scenario.objects.exists()


def test_the_page_starts_from_what_there_is(client_of: ClientOf, alice: User, victor: User, scenario: Scenario) -> None:
    client: Client = client_of(alice)
    assert "Kermack" in client.get(f"{NEW}?from=sir").content.decode()
    assert "Schelling segregation" in client.get(f"{NEW}?from={scenario.pk}").content.decode()
    assert client.get(f"{NEW}?from={uuid4()}").status_code == 404
    assert client.get(f"{NEW}?from=../../x").status_code == 404
    edit = f"/w/acme/scenarios/{scenario.pk}/edit/"
    assert "family: abm" in client.get(edit).content.decode()
    assert client.post(edit, {"manifest": TOWN}).status_code == 302
    scenario.refresh_from_db()
    assert (scenario.name, scenario.key) == ("A town", "town")
    assert "You may look here" in client_of(victor).get(edit).content.decode()
    assert client_of(victor).post(edit, {"manifest": TOWN}).status_code == 403


def test_the_limits_are_those_of_the_operator(api_of: ApiOf, alice: User, in_acme: Tenant, settings: Any) -> None:
    settings.SIMULATIONS_MAX_AGENTS, settings.SWEEPS_MAX_RUNS = 5_000, 9
    answer = api_of(alice).post(LIST, {"manifest": TOWN}, format="json")
    told = {error["field"]: error["detail"] for error in answer.json()["errors"]}
    assert answer.status_code == 400
    assert "With size 100 there would be 8,000 agents; at most 5,000" in told["spec.archetypes.resident.count"]
    assert "10 plays; at most 9 are allowed" in told["spec.sweep"]


def test_what_was_written_is_played(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    made = api_of(alice).post(LIST, {"manifest": TOWN}, format="json").json()
    body = {"scenario": made["id"], "steps": 4, "seed": 1}
    play = api_of(alice).post("/w/acme/api/v1/simulations/", body, format="json").json()
    while work():
        pass
    row = Simulation.objects.get(pk=play["id"])
    assert (row.status, row.step, row.definition["metadata"]["name"]) == ("completed", 4, "town")
    assert set(row.metrics) == {"unhappy", "gini", "settled"}


def test_each_archetype_by_its_own_policy(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    text = TOWN.replace("    mixed: {kind", "    idle: {kind: rule, choose: [{do: stay}]}\n    mixed: {kind").replace(
        "shop: rule}", "shop: idle}"
    )
    made = api_of(alice).post(LIST, {"manifest": text}, format="json").json()
    assert made["policy"] == ""
    body = {"scenario": made["id"], "steps": 2, "start": False}
    play = api_of(alice).post("/w/acme/api/v1/simulations/", body, format="json").json()
    assert Simulation.objects.get(pk=play["id"]).assign == {"resident": "rule", "shop": "idle"}
