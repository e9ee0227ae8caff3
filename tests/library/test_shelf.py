"""The library in a workspace: its catalogue, and an agent of it at work in an ordinary run."""

from __future__ import annotations

import json

import pytest
from rest_framework.test import APIClient

from agents.models import Agent
from projects.models import Effect, ModelCall, Run
from tenants.models import Tenant, User
from tests.agents.conftest import API, api, fields, model, play, sending_json
from tests.conftest import ApiOf
from tests.servers.llm import FakeLLM

__all__ = ["api", "model"]
SHELF = f"{API}library/"


@pytest.fixture
def db(fresh_db: None) -> None:
    """A worker's threads see only what is committed."""


def test_the_catalogue(api: APIClient) -> None:
    shown = {each["name"]: each for each in api.get(SHELF).json()["results"]}
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


def test_it_works_in_a_run_recorded_like_any_other(
    fresh_db: None, api: APIClient, in_acme: Tenant, model: FakeLLM
) -> None:
    finding = {"severity": "major", "quote": "costs nothing", "problem": "Untrue.", "suggestion": "Say the price."}
    model.set_script([json.dumps({"strengths": [], "findings": [finding]})])
    agent = api.post(f"{SHELF}critic/", {}).json()
    started = api.post(f"{API}runs/", {"agent": agent["id"], "inputs": {"task": "It costs nothing."}})
    assert started.status_code == 202, started.json()
    run = play(Run.objects.get(pk=started.json()["id"]))
    assert run.status == Run.Status.SUCCEEDED, run.stop_detail
    assert run.output_json is not None
    assert (run.output_json["verdict"], run.output_json["findings"]) == ("revise", [finding])
    assert ModelCall.objects.get(run=run).key == "answer/Critic/m1"
    assert run.prompt_tokens > 0


def test_its_inputs_are_asked_for(api: APIClient, in_acme: Tenant) -> None:
    agent = api.post(f"{SHELF}planner/", {}).json()
    refused = api.post(f"{API}runs/", {"agent": agent["id"], "inputs": {"task": "Launch it."}})
    assert refused.status_code == 400
    assert fields(refused) == [("inputs.team", "missing")]
    assert not Run.objects.exists()


def test_a_tool_that_it_uses_is_an_effect(api: APIClient, in_acme: Tenant, model: FakeLLM) -> None:
    model.set_script([json.dumps({"queries": ["storage"]})])
    agent = api.post(f"{SHELF}researcher/", {}).json()
    inputs = {"task": "How much does it store?", "reader": "engineer"}
    started = api.post(f"{API}runs/", {"agent": agent["id"], "inputs": inputs}).json()
    run = play(Run.objects.get(pk=started["id"]))
    assert run.output.startswith("The documents of this workspace hold nothing on this.")
    assert [effect.tool for effect in Effect.objects.filter(run=run)] == ["search_knowledge"] * 2


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
