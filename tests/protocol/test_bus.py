"""What both kinds of bus promise."""

from __future__ import annotations

import asyncio

import pytest

from agents.protocol.bus import Bus
from agents.protocol.errors import (
    BadMessage,
    BusClosed,
    InboxFull,
    NameTaken,
    NoReply,
    NotAllowed,
    Undeliverable,
)
from agents.protocol.filters import Filter
from agents.protocol.inbox import Delivery, Inbox
from agents.protocol.messages import Draft, Message
from agents.protocol.terms import Terms
from agents.protocol.topics import COMMANDS, HOST
from tests.protocol.conftest import Ends, until


async def read(inbox: Inbox, count: int) -> list[object]:
    """Take and acknowledge `count` messages; then nothing more is there."""
    found = []
    for _ in range(count):
        delivery = await inbox.get(timeout=120)
        found.append(delivery.message.content)
        await delivery.ack()
    assert await inbox.take() == []
    return found


async def reasons(bus: Bus) -> list[tuple[object, str, str]]:
    return [(dead.message.content, dead.recipient, dead.reason) for dead in await bus.dead_letters()]


async def test_a_message_arrives_as_it_was_sent(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    sent = await ends.near.send({"n": [1, None, "ä"]}, sender="alice", to="bob", headers={"lang": "en"}, priority=7)
    delivery = await inbox.get(timeout=120)
    assert delivery.message == sent
    assert (sent.kind, sent.sender, sent.recipient, sent.priority, sent.headers) == (
        "direct", "alice", "bob", 7, {"lang": "en"},
    )  # fmt: skip
    assert ends.book.told() == [({"n": [1, None, "ä"]}, "sent", "")]


async def test_what_the_sender_changes_later_was_not_said(local: Ends) -> None:
    inbox, content = await local.far.open("bob"), {"plan": ["one"]}
    await local.near.send(content, sender="alice", to="bob")
    content["plan"].append("two")
    assert await read(inbox, 1) == [{"plan": ["one"]}]


async def test_nobody_there_is_said_and_kept(ends: Ends) -> None:
    with pytest.raises(Undeliverable, match="Nobody called bob"):
        await ends.near.send("hello", sender="alice", to="bob")
    assert await reasons(ends.near) == [("hello", "bob", "undeliverable")]
    assert ends.book.told() == [("hello", "dead", "undeliverable: Nobody called bob has an inbox here.")]
    assert ends.near.dead["undeliverable"] == 1


async def test_broadcast_reaches_all_but_the_sender(ends: Ends) -> None:
    alice, bob, carol = [await ends.far.open(name) for name in ("alice", "bob", "carol")]
    receipt = await ends.near.broadcast("fire drill", sender="alice")
    assert receipt.delivered == 2
    assert await read(bob, 1) == await read(carol, 1) == ["fire drill"]
    assert await alice.take() == []
    assert len(ends.book.records) == 1


async def test_topics_with_wildcards(ends: Ends) -> None:
    one = await ends.far.open("one", Terms(topics=("findings.*",)))
    deep = await ends.far.open("deep", Terms(topics=("findings.#",)))
    none = await ends.far.open("none")
    for topic in ("findings", "findings.price", "findings.price.eu", "figures.price"):
        await ends.near.publish(topic, topic, sender="alice")
    assert await read(one, 1) == ["findings.price"]
    assert await read(deep, 3) == ["findings", "findings.price", "findings.price.eu"]
    assert await none.take() == []


async def test_by_content(ends: Ends) -> None:
    where = Filter.of({"all": [{"field": "headers.lang", "equals": "en"}, {"field": "content.score", "above": 0.5}]})
    inbox = await ends.far.open("bob", Terms(where=where))
    for lang, score in (("en", 0.9), ("de", 0.9), ("en", 0.5)):
        await ends.near.publish("findings", {"score": score}, sender="alice", headers={"lang": lang})
    await ends.near.broadcast({"score": 0.8}, sender="alice", headers={"lang": "en"})
    assert await read(inbox, 2) == [{"score": 0.9}, {"score": 0.8}]


async def test_no_filter_reads_what_goes_from_one_to_one(ends: Ends) -> None:
    curious = await ends.far.open("mallory", Terms(where=Filter.of({"field": "sender", "exists": True})))
    bob = await ends.far.open("bob")
    await ends.near.send("secret", sender="alice", to="bob")
    assert await read(bob, 1) == ["secret"]
    assert await curious.take() == []


async def test_urgent_goes_first(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    for priority in (5, 1, 9, 5, 8):
        await ends.near.send(priority, sender="alice", to="bob", priority=priority)
    await until(lambda: len(inbox.waiting) == 5)
    assert await read(inbox, 5) == [9, 8, 5, 5, 1]


async def test_request_and_reply(ends: Ends) -> None:
    inbox = await ends.far.open("bob")

    async def answer(message: Message) -> None:
        await ends.far.reply(message, message.content * 2, sender="bob")

    working = asyncio.create_task(inbox.handle(answer))
    answers = await asyncio.gather(*(ends.near.request(n, sender="alice", to="bob", seconds=120) for n in range(20)))
    assert [answer.content for answer in answers] == [2 * n for n in range(20)]
    assert {answer.kind for answer in answers} == {"reply"}
    asked, told = [
        [one.message for one in ends.book.records if one.message.kind == kind] for kind in ("request", "reply")
    ]
    assert {one.correlation_id for one in asked} == {one.correlation_id for one in told}
    working.cancel()


async def test_no_answer_in_time(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    with pytest.raises(NoReply, match=r"bob did not answer within 0\.05 s"):
        await ends.near.request("well?", sender="alice", to="bob", seconds=0.05)

    async def is_buried() -> bool:
        assert await inbox.take() == []  # nobody waits for it any more, so nobody need work on it
        return await reasons(ends.near) == [("well?", "bob", "expired")]

    await until(is_buried)


async def test_an_answer_that_is_late_is_buried(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    asking = asyncio.create_task(ends.near.request("well?", sender="alice", to="bob", seconds=120))
    question = (await inbox.get(timeout=120)).message
    asking.cancel()
    await asyncio.wait([asking])
    await ends.far.reply(question, "yes", sender="bob")

    async def is_buried() -> bool:
        return ("yes", "alice", "late") in await reasons(ends.near)

    await until(is_buried)


async def test_only_who_was_asked_answers(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    asking = asyncio.create_task(ends.near.request("well?", sender="alice", to="bob", seconds=120))
    question = (await inbox.get(timeout=120)).message
    with pytest.raises(NotAllowed):
        await ends.far.reply(question, "no", sender="mallory")
    assert not asking.done()
    await ends.far.reply(question, "yes", sender="bob")
    assert (await asking).content == "yes"


async def test_a_full_inbox_refuses(ends: Ends) -> None:
    inbox = await ends.far.open("bob", Terms(capacity=2))
    for n in range(2):
        await ends.near.send(n, sender="alice", to="bob")
    with pytest.raises(InboxFull):
        await ends.near.send(2, sender="alice", to="bob")
    assert await read(inbox, 2) == [0, 1]
    assert await reasons(ends.near) == [(2, "bob", "full")]
    await asyncio.sleep(0.05)
    await ends.near.send(3, sender="alice", to="bob")
    assert await read(inbox, 1) == [3]


async def test_an_inbox_that_forgets_drops_the_oldest_of_the_least_urgent(local: Ends) -> None:
    inbox = await local.far.open("bob", Terms(capacity=2, overflow="drop_oldest"))
    for n, priority in enumerate((5, 3, 5, 1)):
        await local.near.send(n, sender="alice", to="bob", priority=priority)
    assert await read(inbox, 2) == [0, 2]
    assert await reasons(local.near) == [(3, "bob", "dropped"), (1, "bob", "dropped")]
    assert local.near.dead["dropped"] == 2


async def test_what_nobody_took_in_time_is_dead(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    await ends.near.send("old", sender="alice", to="bob", ttl=0.01)
    await ends.near.send("new", sender="alice", to="bob", ttl=600)
    await asyncio.sleep(0.05)
    assert await read(inbox, 1) == ["new"]
    assert await reasons(ends.near) == [("old", "bob", "expired")]
    assert [told[1] for told in ends.book.told()] == ["sent", "sent", "dead"]


async def test_a_handler_that_fails_is_tried_again_and_then_given_up(ends: Ends) -> None:
    inbox = await ends.far.open("bob", Terms(attempts=3))
    watcher = await ends.far.open("watcher", Terms(topics=("agent.errors",)))
    tried: list[object] = []

    async def fail(message: Message) -> None:
        tried.append(message.content)
        if message.content == "bad":
            raise ValueError("no such thing")

    working = asyncio.create_task(inbox.handle(fail))
    await ends.near.send("bad", sender="alice", to="bob")
    await ends.near.send("good", sender="alice", to="bob")
    told = [await watcher.get(timeout=120) for _ in range(3)]
    dead = (await ends.near.dead_letters())[0]
    assert (dead.reason, dead.detail) == ("failed", "ValueError: no such thing")
    assert sorted(map(str, tried)) == ["bad", "bad", "bad", "good"]
    assert [one.message.content["attempt"] for one in told] == [1, 2, 3]
    assert {(one.message.sender, one.message.content["error"]) for one in told} == {
        ("bob", "ValueError: no such thing")
    }
    working.cancel()


async def test_a_cancelled_handler_puts_its_message_back(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    began = asyncio.Event()

    async def hang(message: Message) -> None:
        began.set()
        await asyncio.sleep(60)

    working = asyncio.create_task(inbox.handle(hang))
    await ends.near.send("work", sender="alice", to="bob")
    await asyncio.wait_for(began.wait(), 120)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    delivery = await inbox.get(timeout=120)
    assert (delivery.message.content, delivery.attempt) == ("work", 1)


async def test_a_cancelled_reader_loses_nothing(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    readers = [asyncio.create_task(inbox.get()) for _ in range(3)]
    await asyncio.sleep(0.01)
    readers[0].cancel()
    await ends.near.send(1, sender="alice", to="bob")
    readers[1].cancel()  # which may have it by now; else the third takes it
    await asyncio.wait([readers[1]])
    if readers[1].cancelled():
        await asyncio.wait([readers[2]], timeout=120)
    readers[2].cancel()
    done = await asyncio.gather(*readers, return_exceptions=True)
    assert [one.message.content for one in done if isinstance(one, Delivery)] == [1]


async def test_two_of_one_name(ends: Ends) -> None:
    await ends.far.open("bob")
    with pytest.raises(NameTaken):
        await ends.far.open("bob")


async def test_system_topics_and_name_are_the_hosts(ends: Ends) -> None:
    inbox = await ends.far.open("bob", Terms(topics=(COMMANDS,)))
    with pytest.raises(NotAllowed):
        await ends.far.open(HOST)
    with pytest.raises(NotAllowed):
        await ends.near.publish(COMMANDS, {"action": "drain"}, sender="mallory")
    await ends.near.publish(COMMANDS, {"action": "ping"}, sender=HOST)
    assert await read(inbox, 1) == [{"action": "ping"}]


@pytest.mark.parametrize(
    ("content", "how"),
    [
        ("x" * 70_000, {}),
        ({1, 2}, {}),
        ("a\x00b", {}),
        ("x", {"priority": 10}),
        ("x", {"ttl": 0}),
        ("x", {"headers": {"n": 5}}),
        ("x", {"headers": {str(n): "" for n in range(21)}}),
    ],
)
async def test_what_is_no_message(local: Ends, content: object, how: dict[str, object]) -> None:
    inbox = await local.far.open("bob")
    with pytest.raises(BadMessage):
        await local.near.send(content, sender="alice", to="bob", **how)  # type: ignore[arg-type]
    assert await inbox.take() == []
    assert local.book.records == []


async def test_several_at_once(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    receipts = await ends.near.send_many([Draft("alice", n, recipient="bob" if n != 1 else "nobody") for n in range(3)])
    assert [receipt.delivered for receipt in receipts] == [1, 0, 1]
    assert await read(inbox, 2) == [0, 2]


async def test_leaving_buries_what_was_not_read(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    await ends.near.send("unread", sender="alice", to="bob")
    await inbox.close()
    assert await reasons(ends.far) == [("unread", "bob", "closed")]
    with pytest.raises(Undeliverable):
        await ends.near.send("too late", sender="alice", to="bob")
    with pytest.raises(BusClosed):
        await inbox.get(timeout=1)


async def test_a_closed_bus(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    waiting = asyncio.create_task(inbox.get())
    await asyncio.sleep(0.01)
    await ends.far.aclose()
    with pytest.raises(BusClosed):
        await asyncio.wait_for(waiting, 120)
    with pytest.raises(BusClosed):
        await ends.far.send("x", sender="alice", to="bob")
