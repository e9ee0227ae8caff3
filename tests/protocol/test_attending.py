"""Agents on duty obey the host, and nobody else."""

from __future__ import annotations

import asyncio

import pytest

from agents.protocol.attending import Attendant, command
from agents.protocol.bus import Bus
from agents.protocol.errors import NotAllowed, Undeliverable
from agents.protocol.line import Line
from agents.protocol.local.registry import LocalRegistry
from agents.protocol.messages import Message
from agents.protocol.registry import Card
from agents.protocol.terms import Terms
from agents.protocol.topics import COMMANDS, HOST, METRICS
from tests.protocol.conftest import Ends, until


class Desk:
    """An attendant called bob that remembers what it did."""

    def __init__(self, bus: Bus, ttl: float = 600.0) -> None:
        self.done: list[object] = []
        self.registry = LocalRegistry(bus)
        self.attendant = Attendant(bus, self.registry, Card("bob", ("work",)), self.handle, ttl=ttl)
        self.duty = asyncio.create_task(self.attendant.attend())

    async def handle(self, message: Message) -> None:
        if message.content == "bad":
            raise ValueError("bad")
        self.done.append(message.content)

    def is_paused(self) -> bool:
        return not self.attendant._may_work.is_set()

    async def is_healthy(self) -> bool:
        return await self.health() == ["healthy"]

    async def health(self) -> list[str]:
        return [card.health for card in await self.registry.agents()]


@pytest.fixture
async def desk(ends: Ends) -> Desk:
    desk = Desk(ends.far)
    await until(desk.is_healthy)
    return desk


async def test_works_and_counts(ends: Ends, desk: Desk) -> None:
    for content in (1, "bad", 2):
        await ends.near.send(content, sender="alice", to="bob")
    await until(lambda: desk.attendant.failed == 3)
    assert desk.done == [1, 2]
    assert desk.attendant.figures()["handled"] == 2
    desk.duty.cancel()


async def test_paused_it_keeps_its_messages_and_resumed_it_handles_them(ends: Ends, desk: Desk) -> None:
    await command(ends.near, "pause", to=["bob"])
    await until(desk.is_paused)
    await ends.near.send(1, sender="alice", to="bob")
    await asyncio.sleep(0.1)
    assert desk.done == []
    await command(ends.near, "resume")
    await until(lambda: desk.done == [1])
    desk.duty.cancel()


async def test_drained_it_finishes_what_waits_and_leaves(ends: Ends, desk: Desk) -> None:
    await command(ends.near, "pause", to=["bob"])
    await until(desk.is_paused)
    for n in range(3):
        await ends.near.send(n, sender="alice", to="bob")
    await asyncio.sleep(0.1)
    await command(ends.near, "drain", to=["bob"])
    await asyncio.wait_for(desk.duty, 120)
    assert desk.done == [0, 1, 2]
    assert await desk.health() == []
    with pytest.raises(Undeliverable):
        await ends.near.send("late", sender="alice", to="bob")


async def test_orders_to_others_are_not_obeyed(ends: Ends, desk: Desk) -> None:
    await command(ends.near, "drain", to=["carol"])
    await asyncio.sleep(0.1)
    assert not desk.duty.done()
    assert await desk.health() == ["healthy"]
    desk.duty.cancel()


async def test_pinged_it_says_its_figures(ends: Ends, desk: Desk) -> None:
    watcher = await ends.far.open("watcher", Terms(topics=(METRICS,)))
    await command(ends.near, "ping")
    told = (await watcher.get(timeout=120)).message
    assert (told.sender, told.content["agent"], told.content["handled"]) == ("bob", "bob", 0)
    desk.duty.cancel()


async def test_it_stays_known_while_it_lives(ends: Ends) -> None:
    desk = Desk(ends.far, ttl=0.5)
    await until(desk.is_healthy)
    await asyncio.sleep(0.6)
    await until(
        desk.is_healthy
    )  # without its signs of life it were gone; where all stood still, the next one brings it back
    desk.duty.cancel()


async def test_an_agent_cannot_command(ends: Ends, desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        await Line(ends.near, "mallory").publish(COMMANDS, {"action": "drain", "to": ["*"]})
    with pytest.raises(NotAllowed):
        Line(ends.near, HOST)
    await asyncio.sleep(0.05)
    assert not desk.duty.done()
    desk.duty.cancel()


async def test_a_line_speaks_under_its_own_name(ends: Ends) -> None:
    inbox = await ends.far.open("bob")
    line = Line(ends.near, "alice")
    await line.send("direct", to="bob")
    await line.broadcast("all")
    taken = [(await inbox.get(timeout=120)).message for _ in range(2)]
    assert [(one.sender, one.content) for one in taken] == [("alice", "direct"), ("alice", "all")]
