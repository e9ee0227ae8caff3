"""What cannot run is refused with a sentence, and nothing is queued."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from agents.models import Agent, Crew
from agents.services import create_crew
from projects.models import Run
from projects.work.models import WorkItem
from tenants.access import Member
from tenants.models import Tenant, User
from tests.agents.conftest import API, fields, sending_json
from tests.conftest import ApiOf
from tests.runtimes.stage import agent, crew, task

RUNS = f"{API}runs/"
NOBODY = "0193a1f0-0000-7000-8000-000000000001"


@pytest.fixture(autouse=True)
def _nothing_is_queued(in_acme: Tenant) -> object:
    yield
    assert not Run.objects.exists()
    assert not WorkItem.objects.exists()


def test_a_missing_and_an_unknown_input(api: APIClient, relay: Crew) -> None:
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"subject": "tides"}})
    assert answer.status_code == 400
    assert fields(answer) == [("inputs.topic", "missing"), ("inputs.subject", "unknown")]
    assert answer.data["detail"] == "Give a value for “topic”."


def test_an_input_of_a_megabyte(api: APIClient, relay: Crew) -> None:
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "x" * 1_000_000}})
    assert answer.status_code == 400
    assert fields(answer) == [("inputs.topic", "max_length")]


def test_a_crew_without_tasks(api: APIClient, alice_at_acme: Member) -> None:
    empty = create_crew(spec=crew(agent("one")), by=alice_at_acme)
    answer = api.post(RUNS, {"crew": str(empty.pk)})
    assert answer.status_code == 400
    assert answer.data["detail"] == "This crew has no tasks. Add at least one task."


def test_a_task_without_an_agent(api: APIClient, alice_at_acme: Member) -> None:
    unfinished = create_crew(spec=crew(agent("one"), task("t1")), by=alice_at_acme)
    answer = api.post(RUNS, {"crew": str(unfinished.pk)})
    assert answer.data["detail"] == "Task “t1” names no agent. Say which agent does it."


@pytest.mark.parametrize("body", [{}, {"crew": NOBODY, "agent": NOBODY}])
def test_not_exactly_one_thing_to_run(api: APIClient, body: dict[str, str]) -> None:
    answer = api.post(RUNS, body)
    assert (answer.status_code, fields(answer)) == (400, [("crew", "one_of")])


def test_an_unknown_crew_and_an_unknown_project(api: APIClient, relay: Crew) -> None:
    assert api.post(RUNS, {"crew": NOBODY}).status_code == 404
    assert api.post(RUNS, {"agent": NOBODY}).status_code == 404
    answer = api.post(RUNS, {"crew": str(relay.pk), "project": NOBODY, "inputs": {"topic": "x"}})
    assert answer.status_code == 404


def test_a_time_out_of_range(api: APIClient, relay: Crew) -> None:
    answer = api.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "x"}, "seconds_allowed": 1})
    assert (answer.status_code, fields(answer)) == (400, [("seconds_allowed", "range")])


def test_who_may_only_look(api_of: ApiOf, victor: User, relay: Crew) -> None:
    answer = sending_json(api_of(victor)).post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "x"}})
    assert answer.status_code == 403


def test_a_stranger(api_of: ApiOf, mallory: User, relay: Crew) -> None:
    answer = sending_json(api_of(mallory)).post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "x"}})
    assert answer.status_code == 404
    at_home = sending_json(api_of(mallory)).post(
        "/w/globex/api/v1/runs/", {"crew": str(relay.pk), "inputs": {"topic": "x"}}
    )
    assert at_home.status_code == 404


def test_an_agent_needs_its_task(api: APIClient, relay: Crew) -> None:
    answer = api.post(RUNS, {"agent": str(Agent.objects.get(name="writer").pk)})
    assert fields(answer) == [("inputs.task", "missing")]
