"""A run that asks a person: it waits without a worker, and goes on with what it was told, at the price of what is new."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from agents.models import Crew, Task
from projects.models import Effect, Question, Run
from projects.work import leases, tasks
from projects.work.models import WorkItem
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.models import Tenant
from tests.agents.conftest import API, model, play, relay
from tests.agents.test_strategies import run_of
from tests.runtimes.stage import agent, asked_for, crew, task
from tests.servers.llm import Call, FakeLLM, Say, Seen

__all__ = ["model", "relay"]
RUNS = f"{API}runs/"


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


@pytest.fixture
def reviewed(relay: Crew) -> Crew:
    """What t2 writes is for a person to judge."""
    Task.objects.filter(crew=relay, name="t2").update(human_input=True)
    return relay


def start(api: APIClient, crew: Crew, **of_t3: Any) -> Run:
    """Queue a run; `of_t3` is set in its definition of the third task."""
    answer = api.post(RUNS, {"crew": str(crew.pk), "inputs": {"topic": "tides"}})
    assert answer.status_code == 202, answer.data
    run = Run.objects.get(pk=answer.data["id"])
    run.snapshot["tasks"][2] |= of_t3
    run.save(update_fields=["snapshot"])
    return run


def told(api: APIClient, run: Run, **sent: Any) -> Run:
    """Answer its open question, and let a fresh worker go on."""
    [question] = api.get(f"{API}questions/", {"status": "open"}).json()["results"]
    answer = api.post(f"{RUNS}{run.pk}/input/", {"question": question["id"], **sent})
    assert (answer.status_code, answer.json()["status"]) == (202, "queued"), answer.data
    return play(run)


def numbered(seen: Seen) -> Say:
    return Say(f"{asked_for(seen)}, version {seen.number}.", usage=(100, 10))


def test_it_waits_without_a_worker_and_shows_what_is_to_be_judged(
    api: APIClient, reviewed: Crew, model: FakeLLM
) -> None:
    model.set_script(numbered)
    run = play(start(api, reviewed))
    assert (run.status, run.started_at is not None, run.finished_at) == ("waiting", True, None)
    item = WorkItem.objects.get(object_id=run.pk)
    assert (item.state, item.owner, item.lease_until) == ("done", "", None)
    with enter(PUBLIC):
        assert leases.claim(["crews"]) is None
    [question] = api.get(f"{RUNS}{run.pk}/questions/").json()["results"]
    assert (question["kind"], question["task"], question["agent"], question["draft"]) == (
        "review",
        "t2",
        "writer",
        "t2, version 1.",
    )


def test_an_approval_costs_no_model_call(api: APIClient, reviewed: Crew, model: FakeLLM) -> None:
    model.set_script(numbered)
    run = told(api, play(start(api, reviewed)), action="approve")
    assert (run.status, run.output) == ("succeeded", "t3, version 2.")
    assert [asked_for(seen) for seen in model.ledger()] == ["t1", "t2", "t3"]  # t3 is new, and t2 is not asked again
    assert (run.prompt_tokens, run.completion_tokens) == (300, 30)


def test_feedback_costs_one_call_and_is_judged_again(api: APIClient, reviewed: Crew, model: FakeLLM) -> None:
    model.set_script(numbered)
    run = told(api, play(start(api, reviewed)), action="feedback", text="Name the port.")
    assert (run.status, len(model.ledger())) == ("waiting", 3)
    assert "Name the port." in str(model.ledger()[2].messages[-1]["content"])
    again = Question.objects.get(run=run, status="open")
    assert again.draft == "t2, version 2."
    run = told(api, run, action="approve")
    assert (run.status, len(model.ledger())) == ("succeeded", 4)
    assert run.steps.get(task="t2").output == "t2, version 2."


def test_an_edited_answer_is_what_the_next_task_gets(api: APIClient, reviewed: Crew, model: FakeLLM) -> None:
    model.set_script(numbered)
    run = told(api, play(start(api, reviewed)), action="edit", text="By hand.")
    step = run.steps.get(task="t2")
    assert (run.status, step.output, step.edited) == ("succeeded", "By hand.", True)
    assert len(model.ledger()) == 3
    assert "By hand." in str(model.ledger()[2].messages[-1]["content"])


def test_a_rejection_ends_the_run_in_words(api: APIClient, reviewed: Crew, model: FakeLLM) -> None:
    model.set_script(numbered)
    run = told(api, play(start(api, reviewed)), action="reject", text="Wrong port.")
    assert (run.status, run.stop_reason) == ("failed", "rejected")
    assert "Wrong port." in run.stop_detail
    assert len(model.ledger()) == 2


def test_a_value_that_is_asked_for_before_the_task(api: APIClient, relay: Crew, model: FakeLLM) -> None:
    model.set_script(numbered)
    asks = [{"name": "port", "description": "Which port?", "default": None}]
    run = play(start(api, relay, description="Do t3. In {port}.", ask_input=asks))
    assert (run.status, len(model.ledger())) == ("waiting", 2)
    run = told(api, run, action="value", data={"port": "Rotterdam"})
    assert (run.status, len(model.ledger())) == ("succeeded", 3)
    assert "Do t3. In Rotterdam." in model.ledger()[2].messages[1]["content"]


@pytest.mark.parametrize(
    ("sent", "state", "arguments", "heard"),
    [
        ({"action": "approve"}, "done", {"expression": "6 * 7"}, "42"),
        ({"action": "edit", "data": {"expression": "6 * 8"}}, "done", {"expression": "6 * 8"}, "48"),
    ],
)
def test_a_tool_is_used_only_after_it_was_allowed(
    api: APIClient,
    relay: Crew,
    model: FakeLLM,
    sent: dict[str, Any],
    state: str,
    arguments: dict[str, str],
    heard: str,
) -> None:
    def script(seen: Seen) -> Say:
        if seen.tools and seen.messages[-1]["role"] != "tool":
            return Say(calls=[Call("calculator", {"expression": "6 * 7"})])
        return Say(f"It is {seen.messages[-1]['content']}." if seen.tools else "fine")

    model.set_script(script)
    run = play(start(api, relay, ask_before_tools=["calculator"]))
    assert (run.status, Effect.objects.count(), len(model.ledger())) == ("waiting", 0, 3)
    run = told(api, run, **sent)
    assert (run.status, run.output, len(model.ledger())) == ("succeeded", f"It is {heard}.", 4)
    effect = Effect.objects.get()
    assert (effect.state, effect.arguments) == (state, arguments)


def test_a_refused_tool_is_not_used_and_the_agent_is_told_why(api: APIClient, relay: Crew, model: FakeLLM) -> None:
    def script(seen: Seen) -> Say:
        if seen.tools and seen.messages[-1]["role"] != "tool":
            return Say(calls=[Call("calculator", {"expression": "6 * 7"})])
        return Say("Then without.")

    model.set_script(script)
    run = play(start(api, relay, ask_before_tools=["calculator"]))
    run = told(api, run, action="reject", text="Use your head.")
    assert (run.status, run.stop_reason, run.output) == ("succeeded", "tool_refused", "Then without.")
    assert not Effect.objects.filter(state="done").exists()
    assert "Use your head." in str(model.ledger()[-1].messages[-1]["content"])


def test_a_run_that_waits_again_later_does_not_forget_the_refusal(api: APIClient, relay: Crew, model: FakeLLM) -> None:
    def script(seen: Seen) -> Say:
        if asked_for(seen) == "t2" and seen.messages[-1]["role"] != "tool":
            return Say(calls=[Call("calculator", {"expression": "6 * 7"})])
        return Say("Then without.")

    model.set_script(script)
    run = start(api, relay, human_input=True)
    run.snapshot["tasks"][1] |= {"tools": ["calculator"], "ask_before_tools": ["calculator"]}
    run.save(update_fields=["snapshot"])
    play(run)
    told(api, run, action="reject", text="Use your head.")
    run = told(api, run, action="approve")
    assert (run.status, run.stop_reason) == ("succeeded", "tool_refused")


def test_a_replay_of_a_reviewed_run_asks_nobody(api: APIClient, reviewed: Crew, model: FakeLLM) -> None:
    model.set_script(numbered)
    run = told(api, play(start(api, reviewed)), action="edit", text="By hand.")
    model.reset()
    answer = api.post(f"{RUNS}{run.pk}/replay/")
    replay = play(Run.objects.get(pk=answer.json()["id"]))
    assert (replay.status, replay.output, replay.cost) == ("succeeded", run.output, Decimal(0))
    assert replay.steps.get(task="t2").output == "By hand."
    assert model.ledger() == []


def test_a_run_that_waits_can_be_cancelled(api: APIClient, reviewed: Crew, model: FakeLLM) -> None:
    model.set_script(numbered)
    run = play(start(api, reviewed))
    assert api.post(f"{RUNS}{run.pk}/cancel/").json()["status"] == "cancelled"
    assert Question.objects.get(run=run).status == "withdrawn"
    assert api.get(f"{API}questions/", {"status": "open"}).json()["results"] == []


def test_a_deadline_that_passes_while_the_run_is_at_other_work_ends_it_at_its_next_look(
    api: APIClient, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member
) -> None:
    """Nobody refused anything: that nobody answered is not told to the model as a refusal."""
    model.set_script(
        lambda seen: (
            Say(calls=[Call("calculator", {"expression": "6 * 7"})])
            if seen.tools and seen.messages[-1]["role"] != "tool"
            else Say("Done.")
        )
    )
    asked = {"ask_before_tools": ("calculator",), "tools": ("calculator",), "context": ()}
    spec = crew(agent("one"), task("a", "one", **asked), task("b", "one", **asked), process="parallel")
    run = run_of(spec, api, alice_at_acme)
    first, second = Question.objects.filter(run=run, status="open").order_by("task")
    answer = api.post(f"{RUNS}{run.pk}/input/", {"question": str(second.pk), "action": "approve"})
    assert answer.status_code == 202, answer.data
    WorkItem.objects.filter(object_id=first.pk, kind="question.deadline").update(
        queued_at=timezone.now() - timedelta(hours=1)
    )
    with enter(PUBLIC):
        lease = leases.claim(["upkeep"])
        assert lease is not None
        tasks.carry_out(lease)
    run = play(run)
    assert (run.status, run.stop_reason) == ("failed", "unanswered")
    assert run.stop_detail == "Nobody answered in time. It asked: “one” wants to use the tool “calculator”."
