"""Crews that do not work in a row, through the API and a worker: what their story and their ending say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from agents.services import create_crew
from projects.models import Run
from tenants.access import Member
from tenants.models import Tenant
from tests.agents.conftest import API, play
from tests.runtimes.stage import PARTS, agent, asked_for, crew, task
from tests.servers.llm import FakeLLM, Fault, Say, Seen, Step


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


def run_of(spec: Any, api: APIClient, by: Member) -> Run:
    made = create_crew(spec=spec.model_copy(update={"name": "Crew"}), by=by)
    answer = api.post(f"{API}runs/", {"crew": str(made.pk), "inputs": {}})
    assert answer.status_code == 202, answer.data
    return play(Run.objects.get(pk=answer.data["id"]))


def lines(run: Run, kind: str) -> list[dict[str, Any]]:
    return [event.data for event in run.events.filter(type=kind).order_by("seq")]


def test_a_router_s_decisions_are_lines_of_the_story(
    api: APIClient, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member
) -> None:
    choices = iter([("look", "reader", "Nothing is known yet."), ("finish", "", "It is all there.")])

    def script(seen: Seen) -> Say:
        if "You direct a crew" in str(seen.messages[0]["content"]):
            return Say(json.dumps(dict(zip(("next", "agent", "reason"), next(choices), strict=True))))
        return Say(f"Result of {asked_for(seen)}.")

    model.set_script(script)
    spec = crew(agent("reader"), task("write", "reader"), task("look"), process="adaptive")
    run = run_of(spec, api, alice_at_acme)
    assert (run.status, run.stop_reason, run.output) == ("succeeded", "finished", "Result of look.")
    first, last = lines(run, "router.decided")
    assert first == {
        "round": 1,
        "next": "look",
        "agent": "reader",
        "reason": "Nothing is known yet.",
        "fallback": False,
    }
    assert (last["next"], last["reason"]) == ("finish", "It is all there.")
    assert [call.key for call in run.model_calls.order_by("created_at")] == [
        "router/router/m1",
        "look/reader/m1",
        "router/router/m2",
    ]


def test_a_branch_that_failed_and_a_task_that_was_skipped_are_said_on_the_run(
    api: APIClient, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member
) -> None:
    def script(seen: Seen) -> Step:
        if asked_for(seen) == "b":
            return Fault(status=400)
        return Say('{"n": 1}') if asked_for(seen) == "count" else Say(f"Result of {asked_for(seen)}.")

    model.set_script(script)
    spec = crew(
        agent("one"),
        task("count", "one", output_schema=PARTS, context=()),
        task("b", "one", on_failure="continue", context=()),
        task("many", "one", condition="outputs.count.n > 1", context=()),
        task("join", "one"),
        process="parallel",
    )
    run = run_of(spec, api, alice_at_acme)
    assert (run.status, run.stop_reason, run.output) == ("succeeded", "partial", "Result of join.")
    assert "“b”" in run.stop_detail
    skipped = next(each for each in lines(run, "agent.task") if each["status"] == "skipped")
    assert (skipped["task"], skipped["reason"]) == (
        "many",
        "Its condition does not hold: outputs.count.n > 1 (outputs.count.n is 1).",
    )


def test_a_task_that_waits_for_a_person_is_waiting_in_the_plan_and_not_failed(
    api: APIClient, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member
) -> None:
    model.set_script(["Draft."])
    run = run_of(crew(agent("one"), task("t1", "one", human_input=True)), api, alice_at_acme)
    assert run.status == "waiting"
    assert [each["status"] for each in lines(run, "agent.task")] == ["running", "waiting"]
    assert [step["status"] for step in lines(run, "plan.update")[-1]["steps"]] == ["waiting"]
