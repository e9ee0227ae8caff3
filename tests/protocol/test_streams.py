"""What only the bus over Redis can get wrong: workers that die, and a Redis that forgets."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from functools import partial

import pytest
from redis.asyncio import Redis

from agents.protocol.errors import BusUnavailable
from agents.protocol.messages import Draft
from agents.protocol.streams.bus import StreamsBus
from agents.protocol.streams.connecting import connect
from agents.protocol.streams.inbox import PREFETCH
from agents.protocol.streams.scripts import GROUP
from agents.protocol.terms import Terms
from tests.protocol.conftest import Ends, until
from tests.servers.llm import closed_url

_TAKER = """
import asyncio, sys
from agents.protocol.terms import Terms
from agents.protocol.streams.bus import StreamsBus
from agents.protocol.streams.connecting import connect

async def main():
    bus = StreamsBus(connect(sys.argv[1]), sys.argv[2], claim_seconds=float(sys.argv[3]))
    inbox = await bus.open("bob", Terms(attempts=2))
    print("open", flush=True)
    async for delivery in inbox:
        print(delivery.message.content, delivery.attempt, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


CLAIM = 0.8
"""Seconds that a worker may be silent. No test counts on one that is never silent for longer."""


async def _taker(redis_url: str, scope: str) -> asyncio.subprocess.Process:
    """A worker that takes one message and never settles it."""
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _TAKER, redis_url, scope, str(CLAIM), stdout=asyncio.subprocess.PIPE
    )
    assert await _line(worker) == "open"
    return worker


async def _line(worker: asyncio.subprocess.Process) -> str:
    assert worker.stdout is not None
    return (await asyncio.wait_for(worker.stdout.readline(), 120)).decode().strip()


async def _is_held_anew(redis: Redis, bus: StreamsBus) -> bool:
    """Whether its worker says in this moment that the only message is in living hands: it has been idle for less than before."""
    idle = await _idle(redis, bus)
    await asyncio.sleep(0.05)
    return await _idle(redis, bus) < idle


async def _idle(redis: Redis, bus: StreamsBus) -> int:
    pending = [each for one in bus.keys.inbox("bob") for each in await redis.xpending_range(one, GROUP, "-", "+", 10)]
    [held] = pending
    return int(held["time_since_delivered"])


async def _kill(worker: asyncio.subprocess.Process) -> None:
    os.kill(worker.pid, signal.SIGKILL)
    await worker.wait()


async def test_a_killed_worker_leaves_its_message_to_the_next(redis: Redis, redis_url: str, scope: str) -> None:
    near, far = StreamsBus(redis, scope), StreamsBus(redis, scope, claim_seconds=CLAIM)
    worker = await _taker(redis_url, scope)
    await near.send("work", sender="alice", to="bob")
    assert await _line(worker) == "work 1"
    for _ in range(2):
        await until(partial(_is_held_anew, redis, near))  # by who works on it, however long it takes
    await _kill(worker)
    inbox = await far.open("bob", Terms(attempts=2))
    delivery = await inbox.get(timeout=120)
    assert (delivery.message.content, delivery.attempt) == ("work", 2)
    await delivery.ack()
    assert [await redis.xlen(stream) for stream in inbox.streams] == [0, 0, 0]
    await near.aclose()
    await far.aclose()


async def test_a_message_that_kills_its_workers_is_given_up(redis: Redis, redis_url: str, scope: str) -> None:
    near, far = StreamsBus(redis, scope), StreamsBus(redis, scope, claim_seconds=CLAIM)
    worker = await _taker(redis_url, scope)
    await near.send("poison", sender="alice", to="bob")
    await _line(worker)
    await _kill(worker)
    other = await _taker(redis_url, scope)
    assert await _line(other) == "poison 2"
    await _kill(other)
    inbox = await far.open("bob", Terms(attempts=2))
    async with asyncio.timeout(120):
        while not await far.dead_letters():  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.05)
    assert await inbox.take() == []
    dead = (await far.dead_letters())[0]
    assert (dead.message.content, dead.reason, dead.detail) == (
        "poison", "failed", "Each worker that took it died or hung.",
    )  # fmt: skip
    await near.aclose()
    await far.aclose()


async def test_a_worker_that_ends_cleanly_gives_back_at_once(redis: Redis, scope: str) -> None:
    near, first = StreamsBus(redis, scope), StreamsBus(redis, scope)
    taken = await first.open("bob")
    await near.send("work", sender="alice", to="bob")
    await taken.get(timeout=120)
    await first.aclose()
    second = StreamsBus(redis, scope)
    delivery = await (await second.open("bob")).get(timeout=120)
    assert (delivery.message.content, delivery.attempt) == ("work", 1)
    await near.aclose()
    await second.aclose()


async def test_two_workers_share_an_inbox(redis: Redis, scope: str) -> None:
    near, left, right = [StreamsBus(redis, scope) for _ in range(3)]
    inboxes = [await bus.open("bob", Terms(capacity=500)) for bus in (left, right)]
    seen: list[list[object]] = [[], []]

    async def work(side: int) -> None:
        async for delivery in inboxes[side]:
            seen[side].append(delivery.message.content)
            await asyncio.sleep(0)
            await delivery.ack()

    working = [asyncio.create_task(work(side)) for side in (0, 1)]
    for start in range(0, 400, 20):
        await near.send_many([Draft("alice", n, recipient="bob") for n in range(start, start + 20)])
    async with asyncio.timeout(120):
        while len(seen[0]) + len(seen[1]) < 400:  # noqa: ASYNC110 - two ends that know nothing of this test
            await asyncio.sleep(0.01)
    assert sorted(map(int, map(str, seen[0] + seen[1]))) == list(range(400))
    for task in working:
        task.cancel()
    for bus in (near, left, right):
        await bus.aclose()


async def test_redis_forgets_everything(redis: Redis, streams: Ends) -> None:
    inbox = await streams.far.open("bob")
    await redis.flushdb()
    async with asyncio.timeout(120):
        while True:
            try:
                await streams.near.send("again", sender="alice", to="bob")
                break
            except Exception:  # noqa: BLE001 - undeliverable until the inbox is known again
                await asyncio.sleep(0.05)
    assert (await inbox.get(timeout=120)).message.content == "again"


async def test_an_inbox_that_forgets_keeps_what_is_urgent(streams: Ends) -> None:
    taken = await streams.far.open("bob", Terms(capacity=PREFETCH, overflow="drop_oldest"))
    await streams.near.send_many([Draft("alice", n, recipient="bob", priority=5) for n in range(PREFETCH)])
    await until(lambda: len(taken.waiting) == PREFETCH)
    receipts = await streams.near.send_many([Draft("alice", "late", recipient="bob", priority=1)])
    assert [dead.reason for receipt in receipts for dead in receipt.dead] == ["dropped"]
    assert len(await taken.take(1_000)) == PREFETCH


async def test_what_was_dropped_for_something_urgent(redis: Redis, scope: str) -> None:
    bus = StreamsBus(redis, scope)
    inbox = await bus.open("bob", Terms(capacity=2, overflow="drop_oldest"))
    await bus._reader.stop()  # nobody reads: everything waits in Redis
    for n, priority in enumerate((2, 3, 9)):
        await bus.send(n, sender="alice", to="bob", priority=priority)
    assert [(dead.message.content, dead.reason) for dead in await bus.dead_letters()] == [(0, "dropped")]
    assert [await redis.xlen(stream) for stream in inbox.streams] == [1, 0, 1]
    await bus.aclose()


async def test_scopes_do_not_meet(redis: Redis, scope: str) -> None:
    acme, globex = StreamsBus(redis, scope), StreamsBus(redis, f"{scope}-other")
    inbox = await acme.open("bob")
    await globex.broadcast("hello", sender="mallory")
    await asyncio.sleep(0.05)
    assert await inbox.take() == []
    await acme.aclose()
    await globex.aclose()


async def test_no_redis() -> None:
    client = connect(closed_url().replace("http", "redis"))
    bus = StreamsBus(client, "t_acme:nowhere")
    with pytest.raises(BusUnavailable):
        await bus.send("x", sender="alice", to="bob")
    await bus.aclose()
    await client.aclose()
