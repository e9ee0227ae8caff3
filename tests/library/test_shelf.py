"""The library in a workspace: its catalogue, and taking an agent from it."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from agents.models import Agent
from projects.models import Run
from tenants.models import Tenant, User
from tests.agents.conftest import API, api, fields, sending_json
from tests.conftest import ApiOf

__all__ = ["api"]
SHELF = f"{API}library/"


def test_the_catalogue(api: APIClient) -> None:
    answer = api.get(SHELF).json()
    assert answer["problems"] == []
    shown = {each["name"]: each for each in answer["results"]}
    assert set(shown) == {"analyst", "critic", "integrator", "planner", "researcher", "teacher"}
    researcher = shown["researcher"]
    assert (
        researcher["summary"] == "Answers a question from the workspace's documents, with quotations that were checked."
    )
    assert (researcher["version"], researcher["tools"], researcher["permissions"]) == (
        "1.0.0", ["search_knowledge"], ["knowledge:read"],
    )  # fmt: skip
    assert [each["name"] for each in researcher["inputs"]] == ["reader"]
    assert set(researcher["output"]["properties"]) == {"answer", "citations", "searches", "passages"}
    assert api.get(f"{SHELF}researcher/").json() == researcher


def test_taken_into_the_workspace(api: APIClient, in_acme: Tenant) -> None:
    answer = api.post(f"{SHELF}critic/", {"name": "Red pen"})
    assert answer.status_code == 201
    agent = Agent.objects.get(pk=answer.json()["id"])
    assert (agent.name, agent.library, agent.role) == ("Red pen", "critic", "a fair and exact critic.")
    assert answer.json()["library"] == "critic"


def test_its_inputs_are_asked_for(api: APIClient, in_acme: Tenant) -> None:
    agent = api.post(f"{SHELF}planner/", {}).json()
    refused = api.post(f"{API}runs/", {"agent": agent["id"], "inputs": {"task": "Launch it."}})
    assert refused.status_code == 400
    assert fields(refused) == [("inputs.team", "missing")]
    assert not Run.objects.exists()


def test_one_that_does_not_exist(api: APIClient, in_acme: Tenant) -> None:
    assert api.get(f"{SHELF}dancer/").status_code == 404
    assert api.post(f"{SHELF}dancer/", {}).status_code == 404
    assert not Agent.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("victor", 403), ("mallory", 404)])
def test_who_may_not_take_one(
    request: pytest.FixtureRequest, api_of: ApiOf, in_acme: Tenant, who: str, status: int
) -> None:
    user: User = request.getfixturevalue(who)
    assert sending_json(api_of(user)).post(f"{SHELF}critic/", {}).status_code == status
    assert not Agent.objects.exists()
