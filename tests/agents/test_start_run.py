"""Starting a crew or an agent through the API, and what a worker makes of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from rest_framework.test import APIClient

from agents.models import Agent, Crew
from agents.services import create_crew
from projects.models import Run
from tenants.access import Member
from tenants.models import Tenant
from tests.agents.conftest import API, play
from tests.runtimes.stage import agent, asked_for, crew, task
from tests.servers.llm import Call, FakeLLM, Fault, Say, Seen, Step
from tests.servers.waiting import wait_for

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


def test_a_program_runs_it_with_its_key(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    keys = {
        role: api.post(f"{API}api-keys/", {"name": role, "role": role}).data["key"] for role in ("operator", "viewer")
    }
    program, reader = (APIClient(headers={"Authorization": f"Bearer {keys[role]}"}) for role in ("operator", "viewer"))
    program.default_format = reader.default_format = "json"
    assert reader.post(RUNS, {"crew": str(relay.pk), "inputs": {"topic": "tides"}}).status_code == 403
    run = play(start(program, relay))
    assert (run.status, run.origin) == ("succeeded", Run.Origin.API)
    assert reader.get(f"{RUNS}{run.pk}/").data["origin"] == "api"
    assert Run.objects.count() == 1


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


def test_a_tool_call_is_told_with_its_answer(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    def script(seen: Seen) -> Say:
        if seen.tools and seen.messages[-1]["role"] != "tool":
            return Say(calls=[Call("calculator", {"expression": "18.4 * 2"})])
        return Say(str(seen.messages[-1]["content"]) if seen.tools else "fine")

    model.set_script(script)
    run = play(start(api, relay))
    told = [(event.type, event.data) for event in run.events.filter(type__startswith="tool.")]
    at = {"task": "t3", "agent": "editor", "call": "t1", "tool": "calculator"}
    assert run.output == "36.8"
    assert told == [
        ("tool.call", {**at, "arguments": {"expression": "18.4 * 2"}}),
        ("tool.answer", {**at, "output": "36.8", "failed": False}),
    ]


def test_a_search_tells_what_it_found(api: APIClient, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member) -> None:
    spec = crew(agent("finder", tools=("search_knowledge",)), task("find", "finder"))
    finding = create_crew(spec=spec, by=alice_at_acme)
    model.set_script([Say(calls=[Call("search_knowledge", {"query": "tides"})]), Say("Nothing.")])
    answer = api.post(RUNS, {"crew": str(finding.pk)})
    run = play(Run.objects.get(pk=answer.data["id"]))
    [told] = run.events.filter(type="rag.operation")
    assert (told.data["task"], told.data["agent"]) == ("find", "finder")
    assert (told.data["operation"], told.data["query"], told.data["results"]) == ("search", "tides", [])


def test_one_agent_alone_does_one_task(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    editor = Agent.objects.get(name="editor")
    model.set_script([Say("Done.")])
    answer = api.post(RUNS, {"agent": str(editor.pk), "inputs": {"task": "Shorten {this}."}})
    assert answer.status_code == 202, answer.data
    run = play(Run.objects.get(pk=answer.data["id"]))
    assert (run.kind, run.subject_id, run.title, run.output) == ("agent", editor.pk, "editor", "Done.")
    assert "Shorten {this}." in model.ledger()[0].messages[1]["content"]


def test_a_provider_that_is_down_fails_the_run_in_words(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    model.set_script(lambda _seen: Fault(status=503))
    run = play(start(api, relay))
    assert (run.status, run.stop_reason) == ("failed", "provider_overloaded")
    assert run.stop_detail
    assert [(work.task, work.status) for work in run.agent_runs.all()] == [("t1", "failed")]


def test_a_deadline_is_not_called_a_failure(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    model.latency = 6.5
    run = play(start(api, relay, seconds_allowed=5))
    assert (run.status, run.stop_reason) == ("timed_out", "deadline")


def test_cancelling_stops_it_in_the_middle_of_an_answer(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    def script(seen: Seen) -> Step:
        if seen.number == 0:
            return "Text."
        assert api.post(f"{RUNS}{run.pk}/cancel/").status_code == 202
        connection.close()  # this is a thread of the model server
        return Fault("no_answer")

    run = start(api, relay)
    model.set_script(script)
    play(run)
    assert (run.status, run.stop_reason) == ("cancelled", "cancelled")
    assert len(model.ledger()) == 2
    assert [step.task for step in run.steps.all()] == ["t1"]


def test_a_cut_off_agent_is_said_on_the_run(
    api: APIClient, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member
) -> None:
    spec = crew(agent("one", tools=("calculator",), max_iter=2), task("t1", "one"))
    endless = create_crew(spec=spec, by=alice_at_acme)
    model.set_script(
        lambda seen: Say(calls=[Call("calculator", {"expression": str(seen.number)})]) if seen.tools else Say("So far.")
    )
    answer = api.post(RUNS, {"crew": str(endless.pk)})
    run = play(Run.objects.get(pk=answer.data["id"]))
    assert (run.status, run.stop_reason, run.output) == ("succeeded", "iteration_limit", "So far.")
    assert run.stop_detail == "Cut off at max_iter: the agent had to answer at once. Tasks: “t1”."
    assert run.agent_runs.get().note == "Cut off at max_iter: the agent had to answer at once."


def test_a_later_change_of_the_crew_does_not_touch_a_queued_run(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    run = start(api, relay)
    changed = api.patch(f"{API}tasks/{relay.tasks.get(name='t1').pk}/", {"description": "Do other. About {topic}."})
    assert changed.status_code == 200, changed.data
    play(run)
    assert asked_for(model.ledger()[0]) == "t1"


def test_parallel_tasks_leave_no_connection_behind(
    api: APIClient, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member
) -> None:
    beside = [task(f"p{number}", "one", async_execution=True) for number in range(4)]
    spec = crew(agent("one"), *beside, task("join", "one"))
    model.latency = 0.1
    answer = api.post(RUNS, {"crew": str(create_crew(spec=spec, by=alice_at_acme).pk)})
    run = play(Run.objects.get(pk=answer.data["id"]))
    assert run.status == "succeeded"
    assert {step.task for step in run.steps.all()} == {"p0", "p1", "p2", "p3", "join"}
    wait_for(
        lambda: open_connections() <= 3
    )  # this test, the writer, the heartbeat; a server's end of others goes a moment later


def open_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
