"""The child of `bench.bus`: talks as it is told and prints its figures as JSON."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import django

django.setup()

from django.conf import settings  # noqa: E402 - after the setup
from redis.asyncio import Redis  # noqa: E402

from agents.execution.messages import kept_for  # noqa: E402
from agents.protocol.history import Batched  # noqa: E402
from agents.protocol.inbox import Inbox  # noqa: E402
from agents.protocol.local.bus import LocalBus  # noqa: E402
from agents.protocol.messages import Draft  # noqa: E402
from agents.protocol.streams.bus import StreamsBus  # noqa: E402
from agents.protocol.streams.connecting import connect  # noqa: E402
from agents.protocol.terms import Terms  # noqa: E402
from projects.models import AgentMessage  # noqa: E402
from projects.work.threads import in_workspace  # noqa: E402
from tenants.access import get_member  # noqa: E402
from tenants.context import enter  # noqa: E402
from tests import cast  # noqa: E402
from tests.projects.runs import a_run  # noqa: E402

SCHEMA = "t_acme"
MESSAGES, PLAIN, ROUNDS = 30_000, 500, 2_000
CONTENT = {"finding": "The station stores 18.4 MWh.", "document": "study.pdf", "page": 2, "score": 0.82}
WIDE = Terms(capacity=100_000)


def a_run_of_acme() -> UUID:
    member = get_member(cast.person("alice"), cast.workspace("acme"))
    with enter(SCHEMA):
        return a_run(member).pk


async def here(run_id: UUID) -> dict[str, Any]:
    history = kept_for(run_id, SCHEMA)
    bus = LocalBus(history)
    inbox = await bus.open("reader", WIDE)
    plain = await _plain_rate(run_id)
    began, worked = time.perf_counter(), time.process_time()
    reading = asyncio.create_task(_read(inbox, MESSAGES))
    for n in range(MESSAGES):
        await bus.send({**CONTENT, "n": n}, sender="writer", to="reader")
    await reading
    await history.saved()
    rate = MESSAGES / (time.perf_counter() - began)
    cpu = (time.process_time() - worked) / MESSAGES
    stored = await in_workspace(SCHEMA, AgentMessage.objects.filter(run_id=run_id, recipient="reader").count)
    latencies, queue = await _latencies(bus, inbox), await _queue_latencies()
    await history.aclose()
    return {
        "rate": rate, "plain_rate": plain, "stored": stored, "cpu_us": cpu * 1_000_000, "queue_p50_ms": statistics.median(queue) * 1_000, **_ms(latencies),
    }  # fmt: skip


async def _read(inbox: Inbox, count: int) -> None:
    while count:
        taken = [await inbox.get(), *await inbox.take(500)]
        await inbox.ack(taken)
        count -= len(taken)


async def _plain_rate(run_id: UUID) -> float:
    """What one would write first: a row for each message as it comes, on a connection that stays open."""

    def store() -> float:
        began = time.perf_counter()
        for n in range(PLAIN):
            AgentMessage.objects.create(run_id=run_id, sender="plain", content={**CONTENT, "n": n})
        return PLAIN / (time.perf_counter() - began)

    return await in_workspace(SCHEMA, store)


async def _latencies(bus: LocalBus, inbox: Inbox) -> list[float]:
    """From the call of `send` to the reader's hands, one message at a time."""
    arrived: list[float] = []

    async def read() -> None:
        for _ in range(ROUNDS):
            delivery = await inbox.get()
            arrived.append(time.perf_counter())
            await delivery.ack()

    reading, sent = asyncio.create_task(read()), []
    for n in range(ROUNDS):
        sent.append(time.perf_counter())
        await bus.send({**CONTENT, "n": n}, sender="writer", to="reader")
        await asyncio.sleep(0.0005)
    await reading
    return [end - start for start, end in zip(sent, arrived, strict=True)]


async def _queue_latencies() -> list[float]:
    queue: asyncio.Queue[float] = asyncio.Queue()
    took: list[float] = []

    async def read() -> None:
        while len(took) < ROUNDS:
            sent = await queue.get()
            took.append(time.perf_counter() - sent)

    reading = asyncio.create_task(read())
    for _ in range(ROUNDS):
        await queue.put(time.perf_counter())
        await asyncio.sleep(0.0005)
    await reading
    return took


async def across(run_id: UUID) -> dict[str, Any]:
    """This process sends, a child answers each message as it comes; half of the way there and back is one way."""
    redis, scope = connect(settings.REDIS_URL), f"bench:{uuid4().hex}"
    history = kept_for(run_id, SCHEMA)
    bus = StreamsBus(redis, scope, history)
    home = await bus.open("home", WIDE)
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.plain.talking", "echo", scope)
    await home.get(timeout=30)
    ways = await _ways(bus, home)
    single = await _one_by_one(bus, home)
    rate = await _in_batches(bus, home, history)
    await bus.send("end", sender="home", to="far")
    await child.wait()
    bare = await _bare_ways(redis, scope)
    await bus.aclose()
    await history.aclose()
    await redis.aclose()
    return {"rate": rate, "single_rate": single, "bare_p50_ms": statistics.median(bare) * 1_000, **_ms(ways)}


async def _ways(bus: StreamsBus, home: Inbox) -> list[float]:
    took: list[float] = []
    for n in range(ROUNDS // 2):
        began = time.perf_counter()
        await bus.send({**CONTENT, "n": n, "back": True}, sender="home", to="far")
        delivery = await home.get(timeout=10)
        took.append((time.perf_counter() - began) / 2)
        await delivery.ack()
    return took


async def _one_by_one(bus: StreamsBus, home: Inbox) -> float:
    began = time.perf_counter()
    for n in range(ROUNDS):
        await bus.send({**CONTENT, "n": n}, sender="home", to="far")
    await _told_done(bus, home)
    return ROUNDS / (time.perf_counter() - began)


async def _in_batches(bus: StreamsBus, home: Inbox, history: Batched) -> float:
    began = time.perf_counter()
    for start in range(0, MESSAGES, 100):
        await bus.send_many([Draft("home", {**CONTENT, "n": n}, "far") for n in range(start, start + 100)])
    await _told_done(bus, home)
    await history.saved()
    return MESSAGES / (time.perf_counter() - began)


async def _told_done(bus: StreamsBus, home: Inbox) -> None:
    """The child has read everything before this."""
    await bus.send({"back": True}, sender="home", to="far", priority=1)
    await (await home.get(timeout=60)).ack()


async def _bare_ways(redis: Redis, scope: str) -> list[float]:
    """One XADD and one XREADGROUP in the same process: what Redis and its client take by themselves."""
    stream, took = f"{scope}:bare", []
    await redis.xgroup_create(stream, "g", "0", mkstream=True)
    body = json.dumps(CONTENT)
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await redis.xadd(stream, {"m": body})
        await redis.xreadgroup("g", "me", {stream: ">"}, count=1)
        took.append(time.perf_counter() - began)
    await redis.delete(stream)
    return took


async def echo(scope: str) -> None:
    redis = connect(settings.REDIS_URL)
    bus = StreamsBus(redis, scope)
    inbox = await bus.open("far", WIDE)
    await bus.send("ready", sender="far", to="home")
    ended = False
    while not ended:
        taken = [await inbox.get(), *await inbox.take(500)]
        for delivery in taken:
            ended = ended or delivery.message.content == "end"
            if isinstance(delivery.message.content, dict) and delivery.message.content.get("back"):
                await bus.send("back", sender="far", to="home")
        await inbox.ack(taken)
    await bus.aclose()
    await redis.aclose()


def _ms(seconds: Sequence[float]) -> dict[str, float]:
    return {
        "p50_ms": statistics.median(seconds) * 1_000,
        "p99_ms": statistics.quantiles(seconds, n=100)[-1] * 1_000,
    }


def main() -> None:
    mode = sys.argv[1]
    if mode == "echo":
        asyncio.run(echo(sys.argv[2]))
        return
    work = {"here": here, "across": across}[mode]
    sys.stdout.write(json.dumps(asyncio.run(work(a_run_of_acme()))) + "\n")


if __name__ == "__main__":
    main()
