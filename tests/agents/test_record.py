"""A run that goes on is handed what it has on record: nothing is paid twice, nothing outside happens twice."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.models import Crew
from projects import services
from projects.ledger import Ledger
from projects.models import Effect, ModelCall, Run
from projects.work import leases
from projects.work.models import WorkItem
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.models import Tenant
from tests.agents.conftest import API, play
from tests.runtimes.stage import asked_for
from tests.servers.llm import Call, FakeLLM, Fault, Say, Seen

RUNS = f"{API}runs/"


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


def start(api: APIClient, crew: Crew) -> Run:
    answer = api.post(RUNS, {"crew": str(crew.pk), "inputs": {"topic": "tides"}})
    assert answer.status_code == 202, answer.data
    return Run.objects.get(pk=answer.data["id"])


def asked(model: FakeLLM) -> Counter[str]:
    return Counter(asked_for(seen) for seen in model.ledger())


def cut_short(run: Run, *, after: str) -> None:
    """As if its worker had died when the task `after` had begun to be worked on: what came later was never stored."""
    run.steps.filter(position__gte=int(after[1:]) - 1).delete()
    run.model_calls.filter(task__gt=after).delete()
    run.agent_runs.filter(task__gte=after).update(status="running", finished_at=None)
    Run.objects.filter(pk=run.pk).update(status="running", finished_at=None, output="", stop_reason="")
    WorkItem.objects.filter(object_id=run.pk).update(state="queued", owner="", lease_until=None)


def with_a_tool(seen: Seen) -> Say:
    if seen.tools and seen.messages[-1]["role"] != "tool":
        return Say("Let me see.", calls=[Call("calculator", {"expression": "2 * 21"})], usage=(100, 10))
    return Say(f"Result of {asked_for(seen)}.", usage=(100, 10))


def test_every_answer_is_kept(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    model.set_script(with_a_tool)
    run = play(start(api, relay))
    calls = {call.key: call for call in ModelCall.objects.filter(run=run).order_by("created_at")}
    assert list(calls) == ["t1/writer/m1", "t2/writer/m1", "t3/editor/m1", "t3/editor/m2"]
    first = calls["t1/writer/m1"]
    assert (first.reply["text"], first.prompt_tokens, first.completion_tokens) == ("Result of t1.", 100, 10)
    assert "About tides." in first.request["messages"][1]["content"]
    [use] = Effect.objects.filter(run=run)
    assert (use.key, use.tool, use.state, use.answer) == ("t3/editor/t1", "calculator", "done", "42")
    assert (run.prompt_tokens, run.completion_tokens) == (400, 40)
    assert [(step.task, step.prompt_tokens) for step in run.steps.all()] == [("t1", 100), ("t2", 100), ("t3", 200)]


def test_an_answer_is_stored_before_anything_goes_outside_because_of_it(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    """The model server looks into the database whenever it is asked."""
    stored: list[list[str]] = []

    def look(seen: Seen) -> Say:
        with enter("t_acme"):
            stored.append(list(ModelCall.objects.order_by("created_at").values_list("key", flat=True)))
        connection.close()
        return with_a_tool(seen)

    model.set_script(look)
    run = play(start(api, relay))
    keys = ["t1/writer/m1", "t2/writer/m1", "t3/editor/m1", "t3/editor/m2"]
    assert stored == [keys[:n] for n in range(4)]
    assert run.model_calls.count() == 4


def test_a_task_that_starts_anew_asks_nothing_that_was_answered(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    model.set_script(with_a_tool)
    run = play(start(api, relay))
    cut_short(run, after="t3")
    before = asked(model)
    ended = play(run)
    assert (ended.status, ended.output) == ("succeeded", "Result of t3.")
    assert asked(model) == before, "both answers of t3, and the tool's, were on record"
    assert (ended.prompt_tokens, ended.completion_tokens) == (400, 40), "counted once"
    attempts = [(work.task, work.attempt, work.status) for work in ended.agent_runs.filter(task="t3")]
    assert attempts == [("t3", 1, "interrupted"), ("t3", 2, "succeeded")]


def test_an_unanswered_question_is_asked_once_more(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    model.set_script(with_a_tool)
    run = play(start(api, relay))
    cut_short(run, after="t2")
    run.model_calls.filter(task__in=["t2", "t3"]).delete()
    run.effects.all().delete()
    before = asked(model)
    assert play(run).status == "succeeded"
    assert asked(model) - before == Counter({"t3": 2}), "and t2, which may be remembered, came from the gateway's cache"
    assert ModelCall.objects.get(run=run, key="t2/writer/m1").cache_layer


def never(seen: Seen) -> Fault:
    """No answer at all: who asks finds out after half a minute, and asks once more."""
    return Fault("no_answer")


def test_cancel_reaches_into_a_model_call(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant, alice_at_acme: Member
) -> None:
    model.set_script(never)
    run = start(api, relay)

    def cancel() -> None:
        while not model.ledger():
            time.sleep(0.02)
        with enter(in_acme.schema_name):
            services.cancel_run(run=Run.objects.get(pk=run.pk), by=alice_at_acme)
        connection.close()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    ended = play(run)
    canceller.join()
    assert len(model.ledger()) == 1, "nobody waited until the call had failed by itself and was made again"
    assert (ended.status, ended.stop_reason) == ("cancelled", "cancelled")
    assert [work.status for work in ended.agent_runs.all()] == ["failed"]


def test_a_lost_lease_reaches_into_a_model_call(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    model.set_script(never)
    run = start(api, relay)

    def rob() -> None:
        while not model.ledger():
            time.sleep(0.02)
        with enter(PUBLIC):
            WorkItem.objects.filter(object_id=run.pk).update(state="queued", owner="", lease_until=None)
            lease = leases.claim(["crews"])
        assert lease is not None
        with enter(in_acme.schema_name):
            assert Ledger.begin(lease) is not None
        connection.close()

    robber = threading.Thread(target=rob)
    robber.start()
    after = play(run)
    robber.join()
    assert len(model.ledger()) == 1
    assert after.status == "running", "the heir's, and the zombie changed nothing about it"
    assert not ModelCall.objects.filter(run=run).exists()


def test_a_worker_that_ends_gives_up_a_call_that_takes_too_long(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant, settings: Settings
) -> None:
    settings.DRAIN_SECONDS = 0.2
    model.set_script(never)
    run = start(api, relay)

    def end() -> None:
        while not model.ledger():
            time.sleep(0.02)
        leases.drain()

    ending = threading.Thread(target=end)
    ending.start()
    try:
        after = play(run)
    finally:
        ending.join()
        leases.draining.clear()
        leases._hurry_at = None
    assert len(model.ledger()) == 1
    assert after.status == "queued"
    item = WorkItem.objects.get(object_id=run.pk)
    assert (item.state, item.crashes) == ("queued", 0)


@pytest.mark.parametrize("name", ["m" * 300, "a\0b", "half \ud800 of a pair"])
def test_a_model_may_call_itself_what_it_likes(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant, name: str
) -> None:
    model.set_script(lambda _: Say("Fine.", model=name))
    run = play(start(api, relay))
    assert (run.status, run.output, run.model_calls.count()) == ("succeeded", "Fine.", 3)
