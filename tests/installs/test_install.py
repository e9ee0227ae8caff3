from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from agents.definitions import spec_of
from agents.models import Agent, Crew
from agents.queries import whole_crew
from marketplace.installs.models import Grant, Installation
from marketplace.manifest.envelope import CrewManifest
from marketplace.manifest.reading import read_json
from marketplace.manifest.to_workspace import crew_spec
from marketplace.models import InstallLedger, Listing, ListingVersion
from marketplace.publishing.services.builtin import CATALOGUE, publish_builtin
from simulations.models import Scenario
from tenants.context import enter
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.conftest import ApiOf, ClientOf

NEVER = "  - kind: network\n    host: example.com\n"
Market = dict[str, ListingVersion]
INSTALLATIONS = "/w/acme/api/v1/installations/"
GRANTS = ["knowledge:read", "tool:search_knowledge", "model:any"]
ANALYST = {"listing": "guildhall/document-analyst", "version": "1.1.0", "grants": GRANTS}
SCHELLING = {"listing": "guildhall/schelling-segregation", "grants": ["compute"]}


def test_a_crew_is_installed_as_its_manifest_says(
    market: Market, api_of: ApiOf, alice: User, acme: Tenant, in_acme: Tenant
) -> None:
    answer = api_of(alice).post(INSTALLATIONS, ANALYST, format="json")
    assert answer.status_code == 201, answer.json()
    told = answer.json()
    assert (told["listing"], told["version"], told["state"]) == ("guildhall/document-analyst", "1.1.0", "active")
    assert told["digest"] == market["document-analyst"].digest == told["lock"]["manifest"]
    assert {grant["code"] for grant in told["grants"]} == set(GRANTS)
    crew = Crew.objects.get(pk=told["crew"])
    manifest = read_json(market["document-analyst"].manifest)
    assert isinstance(manifest, CrewManifest)
    assert spec_of(whole_crew(crew)) == crew_spec(manifest)
    assert (crew.own_limits.seconds, crew.own_limits.model_calls, crew.own_limits.usd) == (900, 30, 1.0)
    assert crew.source == "guildhall/document-analyst@1.1.0"
    assert crew.description == manifest.metadata.summary
    ledger = InstallLedger.objects.get(tenant_id=acme.pk)
    assert (ledger.listing_version, ledger.state) == (market["document-analyst"], "installed")
    assert Listing.objects.get(slug="document-analyst").installs == 1
    assert AuditEntry.objects.filter(action="listing.installed", target_id=told["id"]).count() == 1


def test_a_scenario_is_installed_with_its_presets(market: Market, api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    answer = api_of(alice).post(INSTALLATIONS, SCHELLING, format="json")
    assert answer.status_code == 201, answer.json()
    scenario = Scenario.objects.get(pk=answer.json()["scenario"])
    assert (scenario.key, scenario.steps, scenario.seed, scenario.policy) == ("schelling", 300, 1971, "rule")
    assert scenario.parameters == {"size": 51, "density": 0.95, "threshold": 0.3}
    assert [preset["name"] for preset in scenario.presets] == ["mild", "even", "strong"]
    assert answer.json()["lock"]["engines"] == {"mesa": "3.3.1"}


def test_a_second_install_names_the_first(market: Market, api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    first = api_of(alice).post(INSTALLATIONS, ANALYST, format="json").json()
    answer = api_of(alice).post(INSTALLATIONS, ANALYST, format="json")
    assert answer.status_code == 409
    assert answer.json()["code"] == "already_installed"
    assert answer.json()["detail"].startswith("Document analyst 1.1.0 is installed here already, by Alice Archer on ")
    assert answer.json()["errors"][0]["detail"] == first["id"]
    assert (Installation.objects.count(), Crew.objects.count(), Agent.objects.count()) == (1, 1, 3)
    assert Listing.objects.get(slug="document-analyst").installs == 1


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({**ANALYST, "grants": ["knowledge:read"]}, 400, "not_granted"),
        ({**ANALYST, "grants": [*GRANTS, "network:evil.example"]}, 400, "unknown_grant"),
        ({**ANALYST, "version": "9.9.9"}, 404, "unknown_version"),
        ({**ANALYST, "listing": "guildhall/nothing"}, 404, "not_found"),
        ({**ANALYST, "listing": "document-analyst"}, 404, "not_found"),
        ({"listing": "guildhall/document-analyst"}, 400, "invalid"),
        ({**ANALYST, "force": True}, 400, "invalid"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    market: Market, api_of: ApiOf, alice: User, in_acme: Tenant, order: dict[str, Any], status: int, code: str
) -> None:
    answer = api_of(alice).post(INSTALLATIONS, order, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Installation.objects.exists()
    assert not Grant.objects.exists()
    assert not Crew.objects.exists()
    assert not InstallLedger.objects.exists()


def test_a_missing_permission_is_named_in_plain_words(market: Market, api_of: ApiOf, alice: User, acme: Tenant) -> None:
    answer = api_of(alice).post(INSTALLATIONS, {**ANALYST, "grants": GRANTS[:2]}, format="json").json()
    assert answer["detail"] == (
        "Document analyst needs permissions that you did not grant: Call this workspace’s language model (model:any)."
    )


def test_a_withdrawn_version_is_not_installed(market: Market, api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    reason = {"availability": "yanked", "availability_reason": "It cut quotations short."}
    ListingVersion.objects.filter(pk=market["market-brief"].pk).update(**reason)
    order = {"listing": "guildhall/market-brief", "grants": [*GRANTS, "schedule"]}
    answer = api_of(alice).post(INSTALLATIONS, order, format="json")
    assert answer.status_code == 404
    assert not Installation.objects.exists()


def test_a_crew_of_that_name_is_no_obstacle(market: Market, api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    mine = Crew.objects.create(name="Document analyst")
    told = api_of(alice).post(INSTALLATIONS, ANALYST, format="json").json()
    assert Crew.objects.get(pk=told["crew"]).name == "Document analyst (guildhall)"
    assert Crew.objects.filter(pk=mine.pk).exists()


def test_a_viewer_may_not_install(market: Market, api_of: ApiOf, victor: User, in_acme: Tenant) -> None:
    answer = api_of(victor).post(INSTALLATIONS, {**ANALYST, "grants": []}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not Installation.objects.exists()


def test_a_stranger_finds_no_workspace(
    market: Market, api_of: ApiOf, alice: User, mallory: User, acme: Tenant, globex: Tenant
) -> None:
    there = api_of(alice).post(INSTALLATIONS, ANALYST, format="json").json()["id"]
    stranger = api_of(mallory)
    assert stranger.get(INSTALLATIONS).status_code == 404
    assert stranger.post(INSTALLATIONS, SCHELLING, format="json").status_code == 404
    assert stranger.get(f"{INSTALLATIONS}{there}/").status_code == 404
    assert stranger.post(f"{INSTALLATIONS}{there}/remove/").status_code == 404
    assert stranger.get(f"/w/globex/api/v1/installations/{there}/").status_code == 404
    with enter(acme.schema_name):
        assert Installation.objects.get().state == "active"


def test_two_workspaces_have_their_own_copies(
    market: Market, api_of: ApiOf, alice: User, mallory: User, acme: Tenant, globex: Tenant
) -> None:
    api_of(alice).post(INSTALLATIONS, ANALYST, format="json")
    api_of(mallory).post("/w/globex/api/v1/installations/", ANALYST, format="json")
    assert Listing.objects.get(slug="document-analyst").installs == 2
    for tenant in (acme, globex):
        with enter(tenant.schema_name):
            assert Installation.objects.get().crew is not None


def test_removing_takes_the_crew_and_keeps_the_record(
    market: Market, api_of: ApiOf, alice: User, in_acme: Tenant
) -> None:
    there = api_of(alice).post(INSTALLATIONS, ANALYST, format="json").json()["id"]
    answer = api_of(alice).post(f"{INSTALLATIONS}{there}/remove/")
    assert (answer.status_code, answer.json()["state"]) == (200, "removed")
    assert (Crew.objects.count(), Agent.objects.count()) == (0, 0)
    assert InstallLedger.objects.get().state == "removed"
    assert Listing.objects.get(slug="document-analyst").installs == 0
    assert api_of(alice).get(INSTALLATIONS).json()["results"] == []
    again = api_of(alice).post(f"{INSTALLATIONS}{there}/remove/")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert Listing.objects.get(slug="document-analyst").installs == 0


def test_after_removal_it_may_be_installed_again(market: Market, api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    first = api_of(alice).post(INSTALLATIONS, SCHELLING, format="json").json()["id"]
    api_of(alice).post(f"{INSTALLATIONS}{first}/remove/")
    second = api_of(alice).post(INSTALLATIONS, SCHELLING, format="json")
    assert second.status_code == 201
    assert (Installation.objects.count(), InstallLedger.objects.get().state, Scenario.objects.count()) == (
        2,
        "installed",
        1,
    )


def test_what_somebody_deleted_by_hand_is_no_obstacle(
    market: Market, api_of: ApiOf, alice: User, in_acme: Tenant
) -> None:
    there = api_of(alice).post(INSTALLATIONS, ANALYST, format="json").json()
    Crew.objects.get(pk=there["crew"]).delete()
    assert api_of(alice).get(f"{INSTALLATIONS}{there['id']}/").json()["crew"] is None
    assert api_of(alice).post(f"{INSTALLATIONS}{there['id']}/remove/").status_code == 200


def test_listing_takes_the_same_queries_for_one_and_for_three(
    market: Market, api_of: ApiOf, alice: User, acme: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    api = api_of(alice)
    api.post(INSTALLATIONS, ANALYST, format="json")
    api.get(INSTALLATIONS)
    with django_assert_num_queries(2):  # who asks, list
        assert len(api.get(INSTALLATIONS).json()["results"]) == 1
    api.post(INSTALLATIONS, SCHELLING, format="json")
    api.post(INSTALLATIONS, {"listing": "guildhall/market-brief", "grants": [*GRANTS, "schedule"]}, format="json")
    with django_assert_num_queries(2):  # who asks, list
        assert len(api.get(INSTALLATIONS).json()["results"]) == 3


def test_the_page_asks_before_it_installs(market: Market, client_of: ClientOf, alice: User, in_acme: Tenant) -> None:
    browser = client_of(alice)
    page = browser.get("/w/acme/installed/new/guildhall/document-analyst/").content.decode()
    assert "Read this workspace’s documents" in page
    assert "Grant these and install" in page
    assert not Installation.objects.exists()
    order = {"version": "1.1.0", "grants": GRANTS}
    answer = browser.post("/w/acme/installed/new/guildhall/document-analyst/", order)
    installation = Installation.objects.get()
    assert answer["Location"] == f"/w/acme/crews/{installation.crew_id}/"
    again = browser.get("/w/acme/installed/new/guildhall/document-analyst/").content.decode()
    assert "is installed here already" in again
    assert "Grant these and install" not in again
    assert "Installed in Acme, 1.1.0" in browser.get("/market/guildhall/document-analyst/").content.decode()
    assert "guildhall/document-analyst" in browser.get("/w/acme/installed/").content.decode()


def test_the_pages_of_an_installation(
    market: Market, client_of: ClientOf, alice: User, victor: User, in_acme: Tenant
) -> None:
    client_of(alice).post("/w/acme/installed/new/guildhall/schelling-segregation/", {"grants": ["compute"]})
    installation = Installation.objects.get()
    address = f"/w/acme/installed/{installation.pk}/"
    assert "Remove Schelling segregation" in client_of(alice).get(address).content.decode()
    assert "Remove Schelling segregation" not in client_of(victor).get(address).content.decode()
    assert client_of(victor).post(f"{address}remove/").status_code == 403
    assert Installation.objects.get().state == "active"
    assert client_of(alice).post(f"{address}remove/")["Location"] == "/w/acme/installed/"
    assert "Removed on" in client_of(alice).get(address).content.decode()


@pytest.mark.parametrize("path", ["", "new/guildhall/document-analyst/", "0193e2b0-0000-7000-8000-000000000000/"])
def test_pages_are_closed_to_strangers(
    market: Market, client: Client, client_of: ClientOf, mallory: User, acme: Tenant, path: str
) -> None:
    assert client_of(mallory).get(f"/w/acme/installed/{path}").status_code == 404
    assert client.get(f"/w/acme/installed/{path}")["Location"].startswith("/accounts/login/")


def test_a_tool_that_is_not_here_is_refused_before_anything_is_copied(
    market: Market, api_of: ApiOf, alice: User, in_acme: Tenant, tmp_path: Path
) -> None:
    path = tmp_path / "market-brief.yaml"
    text = (CATALOGUE / path.name).read_text().replace("version: 2.0.0", "version: 2.1.0")
    path.write_text(
        text.replace("search_knowledge", "search_web").replace("  - kind: knowledge\n    access: read\n", NEVER)
    )
    publish_builtin(path=path)
    grants = ["network:example.com", "tool:search_web", "model:any", "schedule"]
    answer = api_of(alice).post(INSTALLATIONS, {"listing": "guildhall/market-brief", "grants": grants}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "missing_tool")
    assert "needs the tool search_web" in answer.json()["detail"]
    assert not Installation.objects.exists()
