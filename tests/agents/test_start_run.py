"""Starting a crew or an agent through the API, and what a worker makes of it."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from agents.models import Agent, Crew
from projects.models import Run
from projects.work.models import WorkItem
from tenants.models import Tenant, User
from tests.agents.conftest import API, fields, play
from tests.conftest import ApiOf
from tests.runtimes.stage import asked_for
from tests.servers.llm import Call, FakeLLM, Fault, Say, Seen

RUNS = f"{API}runs/"


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


def start(api: APIClient, crew: Crew, **more: object) -> Run:
    answer = api.post(RUNS, {"crew": str(crew.pk), "inputs": {"topic": "tides"}, **more})
    assert answer.status_code == 202, answer.data
    assert answer.data["status"] == "queued"
    return Run.objects.get(pk=answer.data["id"])


def test_a_crew_runs_and_tells_its_story(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    model.set_script(lambda seen: Say(f"Result of {asked_for(seen)}.", usage=(100, 10)))
    run = play(start(api, relay))
    answer = api.get(f"{RUNS}{run.pk}/").data
    assert (answer["status"], answer["stop_reason"], answer["output"]) == ("succeeded", "finished", "Result of t3.")
    assert answer["usage"] == {"prompt_tokens": 300, "completion_tokens": 30, "total_tokens": 330, "cost": Decimal(0)}
    assert [(work["task"], work["agent"], work["status"]) for work in answer["agent_runs"]] == [
        ("t1", "writer", "succeeded"),
        ("t2", "writer", "succeeded"),
        ("t3", "editor", "succeeded"),
    ]
    assert (run.provider, run.model) == ("openai", "fake-1")
    assert "About tides." in model.ledger()[0].messages[1]["content"]


def test_its_lines_are_numbered_and_name_agents_and_tasks(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    model.set_script(lambda seen: Say(f"Result of {asked_for(seen)}."))
    run = play(start(api, relay))
    events = api.get(f"{RUNS}{run.pk}/events/").data["results"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    of_first = [event for event in events if event["data"].get("task") == "t1"]
    assert [(event["type"], event["data"].get("status")) for event in of_first] == [
        ("agent.task", "running"),
        ("agent.status", "working"),
        ("agent.status", "thinking"),
        ("run.output", None),
        ("model.call", None),
        ("agent.task", "succeeded"),
        ("agent.status", "idle"),
    ]
    assert of_first[0]["data"]["task_id"] == str(relay.tasks.get(name="t1").pk)
    assert of_first[1]["data"]["agent_id"] == str(Agent.objects.get(name="writer").pk)
    assert of_first[3]["data"]["text"] == "Result of t1."
    plans = [event["data"] for event in events if event["type"] == "plan.update"]
    assert [(plan["done"], plan["total"]) for plan in plans][::2] == [(0, 3), (1, 3), (2, 3), (3, 3)]
