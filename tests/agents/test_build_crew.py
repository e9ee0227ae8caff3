"""Crews, agents and tasks through the API: made whole or not at all, changed under one check, deleted when nothing needs them."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from agents.models import Agent, Crew, KnowledgeCollection, Task
from agents.services import create_crew
from tenants.access import Member
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.agents.conftest import API, fields, sending_json
from tests.conftest import ApiOf
from tests.runtimes.stage import agent, crew, task

pytestmark = pytest.mark.usefixtures("in_acme")

CREWS, AGENTS, TASKS = f"{API}crews/", f"{API}agents/", f"{API}tasks/"
WRITER = {"name": "writer", "role": "Writer about {topic}", "goal": "Write", "tools": ["calculator"]}
DRAFT = {"name": "draft", "description": "Draft it for {reader}.", "expected_output": "Text", "agent": "writer"}


def whole(**more: Any) -> dict[str, Any]:
    return {"name": "Press office", "agents": [WRITER], "tasks": [DRAFT], **more}


def nothing_is_left() -> bool:
    audited = AuditEntry.objects.filter(action__startswith="crew.")
    return not any(rows.exists() for rows in (Crew.objects, Agent.objects, Task.objects, audited))


def test_a_whole_crew_at_once(api: APIClient) -> None:
    review = {**DRAFT, "name": "review", "context": ["draft"], "output_schema": {"type": "object"}}
    answer = api.post(CREWS, whole(tasks=[DRAFT, review], description="Writes."))
    assert answer.status_code == 201, answer.data
    assert (answer.data["name"], answer.data["process"], answer.data["description"]) == (
        "Press office",
        "sequential",
        "Writes.",
    )
    assert [(each["name"], each["role"], each["tools"]) for each in answer.data["agents"]] == [
        ("writer", "Writer about {topic}", ["calculator"])
    ]
    assert [(each["name"], each["position"], each["context"]) for each in answer.data["tasks"]] == [
        ("draft", 0, None),
        ("review", 1, ["draft"]),
    ]
    assert [given["name"] for given in answer.data["inputs"]] == ["reader", "topic"]
    assert api.get(f"{CREWS}{answer.data['id']}/").data == answer.data
    assert AuditEntry.objects.get(action__startswith="crew.").target_name == "Press office"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"tasks": [{**DRAFT, "agent": "nobody"}]}, [("tasks.draft.agent", "unknown_agent")]),
        ({"tasks": [{**DRAFT, "context": ["draft"]}]}, [("tasks.draft.context", "cycle")]),
        ({"tasks": [DRAFT, DRAFT]}, [("tasks.draft", "duplicate")]),
        ({"agents": [{**WRITER, "tools": ["SerperDevTool"]}]}, [("agents.writer.tools", "unknown_tool")]),
        ({"agents": [{**WRITER, "role": " "}]}, [("agents.writer.role", "empty")]),
        ({"agents": [{**WRITER, "goal": "x" * 1_000_000}]}, [("agents[0].goal", "max_length")]),
        ({"agents": [{**WRITER, "mcps": ["x"]}]}, [("agents[0].mcps", "unknown")]),
        ({"process": "chaotic"}, [("process", "invalid_choice")]),
        ({"output_file": "x"}, [("output_file", "unknown")]),
        ({"manager": "nobody", "process": "hierarchical"}, [("manager", "unknown_agent")]),
        ({"inputs": [{"name": "not a name"}]}, [("inputs[0].name", "invalid")]),
    ],
)
def test_nothing_is_half_made(api: APIClient, change: dict[str, Any], refusal: list[tuple[str, str]]) -> None:
    answer = api.post(CREWS, whole(**change))
    assert answer.status_code == 400, answer.data
    assert fields(answer) == refusal
    assert nothing_is_left()


def test_a_name_is_taken_once(api: APIClient) -> None:
    assert api.post(CREWS, whole()).status_code == 201
    answer = api.post(CREWS, whole())
    assert (answer.status_code, fields(answer)) == (409, [("name", "taken")])
    assert Agent.objects.count() == 1


def test_a_crew_may_begin_empty_and_grow(api: APIClient) -> None:
    crew_id = api.post(CREWS, {"name": "New"}).data["id"]
    agent_id = api.post(AGENTS, WRITER).data["id"]
    answer = api.post(TASKS, {**DRAFT, "crew": crew_id, "agent": agent_id})
    assert answer.status_code == 201, answer.data
    assert (answer.data["position"], str(answer.data["agent"])) == (0, agent_id)
    grown = api.get(f"{CREWS}{crew_id}/").data
    assert [each["id"] for each in grown["agents"]] == [agent_id]
    assert [given["name"] for given in grown["inputs"]] == ["reader", "topic"]


def test_changing_a_crew(api: APIClient, relay: Crew) -> None:
    answer = api.patch(f"{CREWS}{relay.pk}/", {"description": "Runs.", "inputs": [{"name": "topic", "default": "sea"}]})
    assert answer.status_code == 200, answer.data
    assert answer.data["description"] == "Runs."
    assert answer.data["inputs"] == [{"name": "topic", "description": "", "default": "sea"}]


def test_a_crew_of_somebody_elses_changes_is_refused_with_if_match(api: APIClient, relay: Crew) -> None:
    tag = api.get(f"{CREWS}{relay.pk}/")["ETag"]
    assert api.patch(f"{CREWS}{relay.pk}/", {"description": "A"}, headers={"If-Match": tag}).status_code == 200
    answer = api.patch(f"{CREWS}{relay.pk}/", {"description": "B"}, headers={"If-Match": tag})
    assert answer.status_code == 412
    relay.refresh_from_db()
    assert relay.description == "A"


def test_members_who_have_work_cannot_leave(api: APIClient, relay: Crew) -> None:
    writer, editor = Agent.objects.get(name="writer"), Agent.objects.get(name="editor")
    answer = api.patch(f"{CREWS}{relay.pk}/", {"agents": [str(editor.pk)]})
    assert fields(answer) == [("agents", "in_use")]
    swapped = api.patch(f"{CREWS}{relay.pk}/", {"agents": [str(editor.pk), str(writer.pk)]})
    assert [each["name"] for each in swapped.data["agents"]] == ["editor", "writer"]


def test_a_manager_joins_the_crew(api: APIClient, relay: Crew) -> None:
    boss = api.post(AGENTS, {**WRITER, "name": "boss", "tools": []}).data["id"]
    answer = api.patch(f"{CREWS}{relay.pk}/", {"manager": boss, "process": "hierarchical"})
    assert answer.status_code == 200, answer.data
    assert [each["name"] for each in answer.data["agents"]] == ["writer", "editor", "boss"]
    assert str(answer.data["manager"]) == boss
    tooled = api.patch(f"{AGENTS}{boss}/", {"tools": ["calculator"]})
    assert fields(tooled) == [("manager", "manager_tools")]


def test_two_agents_of_one_name_in_a_crew(api: APIClient, relay: Crew) -> None:
    other = api.post(AGENTS, WRITER).data["id"]
    members = [str(place.agent_id) for place in relay.places.all()]
    answer = api.patch(f"{CREWS}{relay.pk}/", {"agents": [*members, other]})
    assert fields(answer) == [("agents.writer", "duplicate")]


def test_deleting_a_crew_takes_its_own_agents_only(api: APIClient, relay: Crew, alice_at_acme: Member) -> None:
    lender = Agent.objects.get(name="writer")
    other = Crew.objects.create(name="Other")
    other.places.create(agent=lender, position=0)
    assert api.delete(f"{CREWS}{relay.pk}/").status_code == 204
    assert list(Crew.objects.values_list("name", flat=True)) == ["Other"]
    assert list(Agent.objects.values_list("name", flat=True)) == ["writer"]
    assert not Task.objects.exists()


def test_changing_an_agent_is_checked_in_every_crew(api: APIClient, relay: Crew) -> None:
    writer = Agent.objects.get(name="writer")
    answer = api.patch(f"{AGENTS}{writer.pk}/", {"role": "Writer on {style}"})
    assert answer.status_code == 200, answer.data
    relay.refresh_from_db()
    assert [given["name"] for given in relay.inputs] == ["topic", "style"]
    clash = api.patch(f"{AGENTS}{writer.pk}/", {"name": "editor"})
    assert fields(clash) == [("agents.editor", "duplicate")]
    writer.refresh_from_db()
    assert writer.name == "writer"


def test_an_agent_at_work_cannot_be_deleted(api: APIClient, relay: Crew) -> None:
    answer = api.delete(f"{AGENTS}{Agent.objects.get(name='writer').pk}/")
    assert (answer.status_code, answer.data["code"]) == (409, "in_use")
    free = api.post(AGENTS, WRITER).data["id"]
    assert api.delete(f"{AGENTS}{free}/").status_code == 204
    assert not Agent.objects.filter(pk=free).exists()


def test_an_agent_searches_what_it_is_given(api: APIClient) -> None:
    papers = KnowledgeCollection.objects.create(name="Papers")
    answer = api.post(AGENTS, {**WRITER, "collections": [str(papers.pk)]})
    assert answer.data["collections"] == [papers.pk]
    refused = api.post(AGENTS, {**WRITER, "collections": [str(uuid4())]})
    assert fields(refused) == [("collections", "does_not_exist")]


def test_an_agent_is_refused_field_by_field(api: APIClient) -> None:
    answer = api.post(AGENTS, {**WRITER, "tools": ["hammer"], "name": "a/b"})
    assert fields(answer) == [("name", "bad_name"), ("tools", "unknown_tool")]
    assert not Agent.objects.exists()


def test_renaming_a_task_carries_into_contexts(api: APIClient, relay: Crew) -> None:
    second = relay.tasks.get(name="t2")
    api.patch(f"{TASKS}{second.pk}/", {"context": ["t1"]})
    answer = api.patch(f"{TASKS}{relay.tasks.get(name='t1').pk}/", {"name": "first"})
    assert answer.status_code == 200, answer.data
    second.refresh_from_db()
    assert second.context == ["first"]


def test_moving_a_task(api: APIClient, relay: Crew) -> None:
    third = relay.tasks.get(name="t3")
    assert api.patch(f"{TASKS}{third.pk}/", {"position": 0}).data["position"] == 0
    assert list(relay.tasks.values_list("name", "position")) == [("t3", 0), ("t1", 1), ("t2", 2)]


def test_a_task_cannot_move_before_what_it_waits_for(api: APIClient, relay: Crew) -> None:
    third = relay.tasks.get(name="t3")
    api.patch(f"{TASKS}{third.pk}/", {"context": ["t1"]})
    answer = api.patch(f"{TASKS}{third.pk}/", {"position": 0})
    assert fields(answer) == [("tasks.t3.context", "later_task")]
    assert list(relay.tasks.values_list("name", flat=True)) == ["t1", "t2", "t3"]


def test_a_task_that_others_wait_for_cannot_be_deleted(api: APIClient, relay: Crew) -> None:
    first, second = relay.tasks.get(name="t1"), relay.tasks.get(name="t2")
    api.patch(f"{TASKS}{second.pk}/", {"context": ["t1"]})
    answer = api.delete(f"{TASKS}{first.pk}/")
    assert (answer.status_code, answer.data["detail"]) == (409, "“t2” waits for “t1”. Change its context first.")
    assert api.delete(f"{TASKS}{second.pk}/").status_code == 204


def test_tasks_of_one_crew(api: APIClient, relay: Crew, alice_at_acme: Member) -> None:
    create_crew(spec=crew(agent("one"), task("other", "one")), by=alice_at_acme)
    assert len(api.get(TASKS).data["results"]) == 4
    found = api.get(f"{TASKS}?crew={relay.pk}").data["results"]
    assert {each["name"] for each in found} == {"t1", "t2", "t3"}
    assert fields(api.get(f"{TASKS}?crew=x")) == [("crew", "uuid")]
    assert api.get(f"{TASKS}?colour=red").status_code == 400


@pytest.mark.parametrize(("path", "most"), [("crews/", 5), ("agents/", 6), ("tasks/", 5)])
def test_lists_do_not_ask_more_for_more(api: APIClient, alice_at_acme: Member, path: str, most: int) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert api.get(f"{API}{path}").status_code == 200
        return len(queries)

    for number in range(2):
        create_crew(
            spec=crew(agent("one"), task("t", "one")).model_copy(update={"name": f"Crew {number}"}), by=alice_at_acme
        )
    asked()  # who asks and where is remembered after the first time
    few = asked()
    for number in range(2, 10):
        create_crew(
            spec=crew(agent("one"), task("t", "one")).model_copy(update={"name": f"Crew {number}"}), by=alice_at_acme
        )
    assert asked() == few
    assert few <= most


def test_who_may_only_look_reads_and_changes_nothing(api_of: ApiOf, victor: User, relay: Crew) -> None:
    client = sending_json(api_of(victor))
    assert client.get(f"{CREWS}{relay.pk}/").status_code == 200
    assert client.post(CREWS, whole()).status_code == 403
    assert client.post(AGENTS, WRITER).status_code == 403
    assert client.patch(f"{CREWS}{relay.pk}/", {"name": "Mine"}).status_code == 403
    task_address = f"{TASKS}{relay.tasks.first().pk}/"  # type: ignore[union-attr]
    assert client.patch(task_address, {"name": "mine"}).status_code == 403
    assert client.delete(task_address).status_code == 403
    assert client.delete(f"{CREWS}{relay.pk}/").status_code == 403
    assert (Crew.objects.get().name, Task.objects.count()) == ("Relay", 3)


def test_a_stranger_finds_nothing(api_of: ApiOf, mallory: User, globex: Tenant, relay: Crew) -> None:
    client = sending_json(api_of(mallory))
    for address in (CREWS, AGENTS, TASKS, f"{CREWS}{relay.pk}/", f"{CREWS}{relay.pk}/export/", f"{API}tools/"):
        assert client.get(address).status_code == 404
    assert client.get(f"/w/globex/api/v1/crews/{relay.pk}/").status_code == 404
    assert client.get("/w/globex/api/v1/crews/").data["results"] == []


@pytest.mark.parametrize("deep", [120, 300])
def test_a_schema_that_is_too_deep(api: APIClient, deep: int) -> None:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(deep):
        schema = {"type": "object", "properties": {"a": schema}}
    answer = api.post(CREWS, whole(tasks=[{**DRAFT, "output_schema": schema}]))
    assert answer.status_code == 400
    assert nothing_is_left()


@pytest.mark.parametrize("bad", ["a\x00b", "half \ud83d"])
def test_a_character_that_no_database_keeps(api: APIClient, bad: str) -> None:
    for body in (
        whole(name=bad),
        whole(tasks=[{**DRAFT, "guardrail": bad}]),
        whole(tasks=[{**DRAFT, "output_schema": {"type": "object", "title": bad}}]),
        whole(inputs=[{"name": "x", "default": bad}]),
    ):
        answer = api.generic("POST", CREWS, json.dumps(body), content_type="application/json")
        assert answer.status_code == 400
    assert nothing_is_left()
