"""What many runs have to store goes into one commit, and each run's story stays whole, ordered and its owner's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.ledger import Answered, Ledger, Spent, Step, Use, writer
from projects.models import AgentRun, Effect, ModelCall, Run, RunEvent, StepOutput
from projects.work import leases
from projects.work.leases import LeaseLost
from projects.work.models import WorkItem
from projects.work.threads import in_workspace
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tests.projects.runs import a_ledger, a_run

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def db(fresh_db: None) -> None:
    """The writer has a thread and a connection of its own."""


def answered(key: str = "find/Reader/m1", *, text: str = "42", hash_: str = "h1") -> Answered:
    reply = {"text": text, "tool_calls": [], "finish_reason": "stop", "usage": [100, 20, 0], "cost": "0.0015"}
    return Answered(
        key,
        "find",
        "Reader",
        hash_,
        {"messages": []},
        reply,
        "openai",
        "fake-1",
        Spent(100, 20, Decimal("0.0015")),
        0.5,
    )


def events(run_id: UUID) -> list[tuple[int, str]]:
    return list(RunEvent.objects.filter(run=run_id).order_by("seq").values_list("seq", "type"))


def test_many_runs_share_one_transaction(alice_at_acme: Member) -> None:
    ledgers = [a_ledger() for _ in [a_run(alice_at_acme) for _ in range(8)]]
    for ledger in ledgers:
        ledger._story.start_agent("find", "Reader", 0)
        ledger._story.tell("agent.status", {"agent": "Reader"})
        ledger._story.keep_answer(answered(), (), ())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert writer.write(ledgers)
    said = [query["sql"] for query in asked.captured_queries]
    assert [said[0], said[-1]] == ["BEGIN", "COMMIT"]
    assert len(said) < 8
    assert ModelCall.objects.count() == 8
    assert {event[-1] for event in [events(each.run_id)[-1] for each in ledgers]} == {"agent.status"}
    run = Run.objects.get(pk=ledgers[0].run_id)
    assert (run.prompt_tokens, run.completion_tokens, run.cost) == (100, 20, Decimal("0.0015"))
    assert AgentRun.objects.get(run=run).cost == Decimal("0.0015")


def test_a_zombie_among_them_writes_nothing_and_holds_up_nobody(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    zombie = a_ledger()
    WorkItem.objects.filter(object_id=run.pk).update(state="queued", owner="", lease_until=None)
    heir = a_ledger()
    a_run(alice_at_acme)
    other = a_ledger()
    before = events(run.pk)
    zombie._story.tell("agent.status", {"by": "zombie"})
    zombie._story.keep_answer(answered(), (), ())
    other._story.tell("agent.status", {"by": "other"})
    failures: list[Exception | None] = []
    zombie._story.wait(failures.append)
    assert writer.write([zombie, other])
    assert isinstance(failures[0], LeaseLost)
    assert events(run.pk) == before
    assert not ModelCall.objects.filter(run=run).exists()
    assert events(other.run_id)[-1][1] == "agent.status"
    with pytest.raises(LeaseLost):
        zombie.check()
    heir.check()


def test_what_the_database_refuses_of_one_run_touches_no_other(alice_at_acme: Member) -> None:
    ledgers = [a_ledger() for _ in [a_run(alice_at_acme) for _ in range(2)]]
    ledgers[0]._story.tell("x" * 41, {})  # longer than its column
    ledgers[1]._story.tell("agent.status", {})
    failures: list[Exception | None] = []
    ledgers[0]._story.wait(failures.append)
    writer.write(ledgers)
    assert failures[0] is not None
    assert [kind for _, kind in events(ledgers[1].run_id)] == ["run.status", "run.status", "agent.status"]


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d pair", "\\u0000 as text"])
def test_text_that_a_database_cannot_hold_is_kept_as_far_as_it_can(alice_at_acme: Member, text: str) -> None:
    a_run(alice_at_acme)
    ledger = a_ledger()
    ledger._story.tell("run.output", {"task": "find", "agent": "Reader", "text": text})
    ledger._story.keep_step(Step("find", 0, "Reader", text), ())
    ledger.flush()
    kept = StepOutput.objects.get(run=ledger.run_id).output
    assert kept == RunEvent.objects.get(run=ledger.run_id, type="run.output").data["text"]
    assert kept == text if "as text" in text else (kept.startswith(text[:1]) and kept.endswith(text[-1:]))


def test_stories_of_runs_that_speak_at_once_have_no_gap(alice_at_acme: Member) -> None:
    for _ in range(10):
        a_run(alice_at_acme)

    async def tell(lease: leases.Lease) -> Ledger:
        ledger = await Ledger.take(lease)
        assert ledger is not None
        for n in range(30):
            ledger.emit("agent.task", n=n)
            if n % 7 == 0:
                await ledger.saved()
        await ledger.succeed("Done.")
        ledger.leave()
        return ledger

    async def tell_all(held: Sequence[leases.Lease]) -> list[Ledger]:
        return list(await asyncio.gather(*map(tell, held)))

    with enter(PUBLIC):
        held = leases.claim_many(["crews"], most=10)
    for ledger in asyncio.run(tell_all(held)):
        told = RunEvent.objects.filter(run=ledger.run_id).order_by("seq")
        assert [event.seq for event in told] == list(range(1, 34))
        assert [event.data["n"] for event in told if event.type == "agent.task"] == list(range(30))
        assert Run.objects.get(pk=ledger.run_id).status == "succeeded"


def test_an_effect_is_stored_before_it_happens_and_is_in_doubt_for_the_heir(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()
    ledger._story.keep_use(Use("find/Reader/t1", "find", "Reader", "send", {"to": "bob"}, "h1"), stored=True)
    ledger._story.keep_use(Use("find/Reader/t2", "find", "Reader", "look", {}, "h2"), stored=False)
    ledger.flush()
    assert [(e.key, e.state) for e in Effect.objects.all()] == [("find/Reader/t1", "intended")]
    WorkItem.objects.filter(object_id=run.pk).update(state="queued", owner="", lease_until=None)
    heir = a_ledger()
    assert heir.recorded.effect("find/Reader/t1", "look", "h1") is None  # another tool
    found = heir.recorded.effect("find/Reader/t1", "send", "h1")
    assert found is not None
    assert found.state == "needs_review"
    assert [kind for _, kind in events(run.pk)][-1] == "effect.needs_review"


def test_an_answer_on_record_serves_only_the_same_question(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()
    ledger._story.keep_answer(answered(), (), ())
    ledger.flush()
    WorkItem.objects.filter(object_id=run.pk).update(state="queued", owner="", lease_until=None)
    heir = a_ledger()
    assert heir.recorded.call("find/Reader/m1", "h1") is not None
    assert heir.recorded.call("find/Reader/m1", "h2") is None
    assert heir.recorded.call("find/Reader/m2", "h1") is None
    heir._story.keep_answer(answered(text="43", hash_="h2"), (), ())
    heir.flush()
    kept = ModelCall.objects.get(run=run)
    assert (kept.reply["text"], kept.request_hash) == ("43", "h2")


def test_handing_back_keeps_every_line_said(alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)

    async def speak_and_go() -> None:
        lease = await in_workspace(PUBLIC, leases.claim, ["crews"])
        assert lease is not None
        ledger = await Ledger.take(lease)
        assert ledger is not None
        ledger.emit("agent.status", agent="Reader")
        await ledger.hand_back()
        ledger.leave()

    asyncio.run(speak_and_go())
    run.refresh_from_db()
    assert run.status == "queued"
    assert [kind for _, kind in events(run.pk)] == ["run.status", "run.status", "agent.status", "run.status"]
