"""Ordinary runs: an agent of the library at work, and what agents say to each other, shown while it goes on and kept once."""

from __future__ import annotations

import json

import pytest
from rest_framework.test import APIClient

from agents.services import create_crew
from projects.models import AgentMessage, Effect, ModelCall, Run, RunEvent
from tenants.access import Member
from tenants.models import Tenant
from tests.agents.conftest import API, api, model, play
from tests.runtimes.stage import agent, crew, task
from tests.servers.llm import Call, FakeLLM, Say

__all__ = ["api", "model"]
SHELF = f"{API}library/"


@pytest.fixture
def db(fresh_db: None) -> None:
    """A worker's threads see only what is committed."""


def test_a_message_is_a_line_of_the_story_and_a_row(
    api: APIClient, in_acme: Tenant, alice_at_acme: Member, model: FakeLLM
) -> None:
    spec = crew(
        agent("writer", tools=("send_message",)),
        agent("editor", tools=("read_messages",)),
        task("t1", "writer"),
        task("t2", "editor"),
    )
    made = create_crew(spec=spec.model_copy(update={"name": "Desk"}), by=alice_at_acme)
    send = Call("send_message", {"content": "Mind the price.", "to": "editor", "priority": 8})
    model.set_script([Say(calls=[send]), "Sent.", Say(calls=[Call("read_messages", {})]), "Read."])
    started = api.post(f"{API}runs/", {"crew": str(made.pk), "inputs": {}}).json()
    run = play(Run.objects.get(pk=started["id"]))
    assert run.status == Run.Status.SUCCEEDED, run.stop_detail
    told = RunEvent.objects.get(run=run, type="agent.message").data
    kept = AgentMessage.objects.get(run=run, kind="direct", recipient="editor")
    assert (kept.sender, kept.content, kept.priority, kept.state) == ("writer", "Mind the price.", 8, "sent")
    assert told == {
        "id": str(kept.pk), "agent": "writer", "to": "editor", "topic": "", "how": "direct", "priority": 8, "correlation_id": None,
        "text": "Mind the price.", "state": "sent", "note": "",
    }  # fmt: skip
    shown = api.get(f"{API}runs/{run.pk}/messages/").json()["results"]
    assert [(each["kind"], each["sender"], each["priority"]) for each in shown if each["recipient"]] == [
        ("direct", "writer", 8)
    ]
    assert "From writer (direct): Mind the price." in str(model.ledger()[3].messages)


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


def test_a_tool_that_it_uses_is_an_effect(api: APIClient, in_acme: Tenant, model: FakeLLM) -> None:
    model.set_script([json.dumps({"queries": ["storage"]})])
    agent = api.post(f"{SHELF}researcher/", {}).json()
    inputs = {"task": "How much does it store?", "reader": "engineer"}
    started = api.post(f"{API}runs/", {"agent": agent["id"], "inputs": inputs}).json()
    run = play(Run.objects.get(pk=started["id"]))
    assert run.output.startswith("The documents of this workspace hold nothing on this.")
    assert [effect.tool for effect in Effect.objects.filter(run=run)] == ["search_knowledge"] * 2
