"""Runs that go off from one whose tasks a router chose, in another order than the written one."""

from __future__ import annotations

import json

import pytest
from rest_framework.test import APIClient

from projects.models import Run
from tenants.access import Member
from tenants.models import Tenant
from tests.agents.conftest import fields
from tests.agents.test_strategies import run_of
from tests.branching.conftest import RUNS, outputs, went_off
from tests.runtimes.stage import agent, asked_for, crew, task
from tests.servers.llm import FakeLLM, Fault, Say, Seen, Step

CREW = crew(agent("one"), task("write", "one"), task("check", "one"), task("look", "one"), process="adaptive")
CHOSEN = ("look", "write", "check")


def is_router(seen: Seen) -> bool:
    return "You direct a crew" in str(seen.messages[0]["content"])


def chosen(seen: Seen) -> Say:
    """The first of `CHOSEN` that is still open."""
    is_open = str(seen.messages[1]["content"]).partition("Open tasks:")[2].partition("Outputs so far:")[0]
    first = next(name for name in CHOSEN if f"- {name} " in is_open)
    return Say(json.dumps({"next": first, "agent": "one", "reason": "It is open."}))


def directed(words: str = "Result of") -> object:
    return lambda seen: chosen(seen) if is_router(seen) else Say(f"{words} {asked_for(seen)}.")


@pytest.fixture
def looked_first(api: APIClient, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member) -> Run:
    """`look`, which is written last, was done first, and what `write` says rests on it."""
    model.set_script(directed())  # type: ignore[arg-type]
    run = run_of(CREW, api, alice_at_acme)
    assert (run.status, list(run.model_calls.order_by("created_at").values_list("task", flat=True))) == (
        "succeeded",
        ["router", "look", "router", "write", "router", "check"],
    )
    model.reset()
    return run


def test_what_was_done_after_a_task_is_done_anew_wherever_it_is_written(
    api: APIClient, looked_first: Run, model: FakeLLM
) -> None:
    model.set_script(directed("New result of"))  # type: ignore[arg-type]
    run = went_off(api, looked_first, "branch", task="look", edits={"tasks": {"look": {"output": "By hand."}}})
    assert outputs(run) == {"look": "By hand.", "write": "New result of write.", "check": "New result of check."}


def test_what_was_done_before_it_is_taken_over_and_the_router_s_answers_serve_again(
    api: APIClient, looked_first: Run, model: FakeLLM
) -> None:
    model.set_script(directed("New result of"))  # type: ignore[arg-type]
    run = went_off(api, looked_first, "branch", task="write", edits={"agents": {"one": {"llm": "fake-2"}}})
    assert list(run.steps.filter(taken_over=True).values_list("task", flat=True)) == ["look"]
    assert run.steps.get(task="write").output == "New result of write."
    assert [seen.messages[1]["content"].count("Result of look.") for seen in model.ledger() if is_router(seen)] == [1]


def test_what_was_done_before_it_cannot_be_changed(api: APIClient, looked_first: Run) -> None:
    edits = {"tasks": {"look": {"description": "Look again."}}}
    answer = api.post(f"{RUNS}{looked_first.pk}/branch/", {"task": "write", "edits": edits})
    assert (answer.status_code, fields(answer)) == (400, [("edits.tasks.look", "taken_over")])


def test_going_on_after_a_failure_asks_the_router_nothing_again(
    api: APIClient, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member
) -> None:
    def breaks(seen: Seen) -> Step:
        if is_router(seen):
            return chosen(seen)
        return Fault(status=400) if asked_for(seen) == "check" else Say(f"Result of {asked_for(seen)}.")

    model.set_script(breaks)
    failed = run_of(CREW, api, alice_at_acme)
    assert (failed.status, sorted(outputs(failed))) == ("failed", ["look", "write"])
    model.reset()
    model.set_script(directed())  # type: ignore[arg-type]
    run = went_off(api, failed, "resume")
    assert (run.status, outputs(run)) == ("succeeded", {name: f"Result of {name}." for name in CHOSEN})
    assert [asked_for(seen) for seen in model.ledger()] == ["check"]
    assert list(run.model_calls.filter(task="router").values_list("cache_layer", flat=True)) == ["record"] * 3
