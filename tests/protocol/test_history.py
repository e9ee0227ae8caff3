"""What is kept of messages: every one, once, with what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from rest_framework.test import APIClient

from agents.execution.messages import RunHistory, store
from agents.protocol.errors import Undeliverable
from agents.protocol.history import Batched, Record
from agents.protocol.local.bus import LocalBus
from agents.protocol.messages import Draft, seal
from projects.ledger import Ledger
from projects.models import AgentMessage, Run, RunEvent
from tenants.access import Member
from tenants.models import User
from tests.conftest import ApiOf
from tests.projects.runs import a_ledger, a_run


def rows(run: Run) -> list[tuple[str, str, str, object, int, str, str]]:
    fields = ("kind", "sender", "recipient", "content", "priority", "state", "note")
    return list(AgentMessage.objects.filter(run=run).order_by("created_at").values_list(*fields))


def lines(run: Run) -> list[dict[str, object]]:
    return [event.data for event in RunEvent.objects.filter(run=run, type="agent.message").order_by("seq")]


@pytest.fixture
def run(in_acme: None, alice_at_acme: Member) -> Run:
    return a_run(alice_at_acme)


@pytest.fixture
def ledger(run: Run) -> Ledger:
    return a_ledger()


def test_a_runs_messages_are_rows_and_lines(run: Run, ledger: Ledger) -> None:
    async def talk() -> None:
        bus = LocalBus(RunHistory(ledger))
        bob = await bus.open("bob")
        await bus.send({"n": 1}, sender="alice", to="bob", priority=8)
        with pytest.raises(Undeliverable):
            await bus.send("x", sender="alice", to="nobody")
        await (await bob.get()).ack()
        await bus.aclose()

    asyncio.run(talk())
    ledger.flush()
    assert rows(run) == [
        ("direct", "alice", "bob", {"n": 1}, 8, "sent", ""),
        ("direct", "alice", "nobody", "x", 5, "dead", "undeliverable: Nobody called nobody has an inbox here."),
    ]  # fmt: skip
    told = lines(run)
    assert [(one["agent"], one["to"], one["text"], one["state"]) for one in told] == [
        ("alice", "bob", '{"n":1}', "sent"), ("alice", "nobody", "x", "dead"),
    ]  # fmt: skip


def test_a_request_and_its_reply_are_joined(run: Run, ledger: Ledger) -> None:
    async def talk() -> None:
        bus = LocalBus(RunHistory(ledger))
        bob = await bus.open("bob")
        working = asyncio.create_task(bob.handle(lambda message: bus.reply(message, "42", sender="bob")))
        await bus.request("how many?", sender="alice", to="bob")
        working.cancel()

    asyncio.run(talk())
    ledger.flush()
    asked, answered = AgentMessage.objects.filter(run=run).order_by("created_at")
    assert (asked.kind, answered.kind) == ("request", "reply")
    assert asked.correlation_id is not None
    assert asked.correlation_id == answered.correlation_id


def test_a_message_that_dies_later_is_the_same_row(run: Run, ledger: Ledger) -> None:
    bus = LocalBus(RunHistory(ledger))

    async def talk(*said: str) -> None:
        for text in said:
            await bus.send(text, sender="alice", to="bob")

    with asyncio.Runner() as runner:
        runner.run(bus.open("bob"))
        runner.run(talk("unread"))
        ledger.flush()
        runner.run(talk("unread too"))
        runner.run(bus.aclose())
    ledger.flush()
    assert [(row[3], row[5], row[6]) for row in rows(run)] == [
        ("unread", "dead", "closed: bob left before reading it."),
        ("unread too", "dead", "closed: bob left before reading it."),
    ]
    assert [one["state"] for one in lines(run)] == ["sent", "sent", "dead", "dead"]


def test_what_is_said_again_by_a_run_that_goes_on_is_kept_once(run: Run, ledger: Ledger) -> None:
    async def talk() -> None:
        history = RunHistory(ledger)
        bus = LocalBus(history)
        await bus.open("bob")
        with history.silent():
            await bus.send("before", sender="alice", to="bob")
        await bus.send("after", sender="alice", to="bob")

    asyncio.run(talk())
    ledger.flush()
    assert [row[3] for row in rows(run)] == ["after"]


def test_long_texts_are_cut_in_the_story_and_whole_in_the_row(run: Run, ledger: Ledger) -> None:
    RunHistory(ledger).add(Record(seal(Draft("alice", "x" * 5_000, recipient="bob"))))
    ledger.flush()
    assert rows(run)[0][3] == "x" * 5_000
    assert lines(run)[0]["text"] == "x" * 2_000


def test_stored_outside_the_ledger(run: Run) -> None:
    first, second, third = (seal(Draft("alice", {"ä": [n, None]}, recipient="bob", topic="")) for n in range(3))
    store(run.pk, [Record(first), Record(second)])
    store(
        run.pk,
        [Record(third), Record(third, "dead", "expired", is_new=False), Record(second, "dead", "full", is_new=False)],
    )
    assert [(row[3], row[5], row[6]) for row in rows(run)] == [
        ({"ä": [0, None]}, "sent", ""), ({"ä": [1, None]}, "dead", "full"), ({"ä": [2, None]}, "dead", "expired"),
    ]  # fmt: skip


def test_shown_by_the_api(run: Run, api_of: ApiOf, alice: User, victor: User, mallory: User) -> None:
    message = seal(Draft("alice", {"n": 1}, topic="findings", priority=8))
    store(run.pk, [Record(message, "sent", "Missed by bob (full)")])
    path = f"/w/acme/api/v1/runs/{run.pk}/messages/"
    client: APIClient = api_of(victor)
    shown = client.get(path).json()["results"][0]
    assert shown.pop("created_at")
    assert shown == {
        "id": str(message.id), "kind": "topic", "sender": "alice", "recipient": "", "topic": "findings", "content": {"n": 1},
        "priority": 8, "correlation_id": None, "state": "sent", "note": "Missed by bob (full)",
    }  # fmt: skip
    assert api_of(mallory).get(path).status_code == 404


async def test_batches_keep_the_order_and_come_back_after_a_failure() -> None:
    saved: list[list[int]] = []
    failures = iter([True, False, False, False])

    async def save(records: Sequence[Record]) -> None:
        if next(failures):
            raise OSError("the database is away")
        saved.append([record.message.content for record in records])

    history = Batched(save, wait=0.0, most=3)
    for n in range(5):
        history.add(Record(seal(Draft("alice", n))))
    await asyncio.wait_for(history.saved(), 120)
    assert saved == [[0, 1, 2], [3, 4]]
    await history.aclose()


async def test_a_sender_waits_when_the_writer_is_behind() -> None:
    may_save = asyncio.Event()

    async def save(records: Sequence[Record]) -> None:
        await may_save.wait()

    history = Batched(save, wait=0.0, most=2, capacity=4)
    bus = LocalBus(history)
    await bus.open("bob")

    async def speak() -> None:
        for n in range(6):
            await bus.send(n, sender="alice", to="bob")

    speaking = asyncio.create_task(speak())
    await asyncio.sleep(0.05)
    assert not speaking.done()
    may_save.set()
    await asyncio.wait_for(speaking, 120)
    await history.aclose()
