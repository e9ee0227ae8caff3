"""From an event that is about to be stored to a watching socket, beside stock Channels, which stores nothing."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from bench import stage
from bench.plain.serving import serving
from tests.servers.live import LiveStack

NAMES = ("event_latency_p95_ms",)
SOCKETS, EVENTS, PAUSE = 50, 100, 0.05

_RUN = """
import json
from tenants.access import get_member
from tenants.context import enter
from tenants.proving.tokens import sign_in
from tests import cast
from tests.projects.runs import a_run
user, tenant = cast.person("alice"), cast.workspace("acme")
member = get_member(user, tenant)
with enter(tenant.schema_name):
    print(json.dumps([str(a_run(member).pk), sign_in(user).access]))
"""

_TELL = """
import django, sys, time
django.setup()
from projects import events
from tenants.context import enter
with enter("t_acme"):
    for n in range(int(sys.argv[2])):
        events.append(sys.argv[1], [events.line("agent.status", sent=time.time())])
        time.sleep(float(sys.argv[3]))
"""


_TELL_STOCK = """
import django, json, sys, time
django.setup()
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
for n in range(int(sys.argv[1])):
    text = json.dumps({"data": {"sent": time.time()}})
    async_to_sync(get_channel_layer().group_send)("bench", {"type": "bench.event", "text": text})
    time.sleep(float(sys.argv[2]))
"""


def measure() -> dict[str, Any]:
    with stage.stack() as live, serving(live, "bench.plain.live:application") as plain:
        run, token = json.loads(stage.python(live, _RUN).splitlines()[-1])
        told = [sys.executable, "-c", _TELL, run, str(EVENTS), str(PAUSE)]
        ours = asyncio.run(_watch(partial(subscribed, live, run, token), told, dict(live.env)))
        stock = [sys.executable, "-c", _TELL_STOCK, str(EVENTS), str(PAUSE)]
        env = {**live.env, "DJANGO_SETTINGS_MODULE": "bench.plain.settings"}
        theirs = asyncio.run(_watch(partial(_stock, plain), stock, env))
    value, baseline = (statistics.quantiles(delays, n=20)[-1] for delays in (ours, theirs))
    return {
        "name": "event_latency_p95_ms",
        "value": round(value, 2),
        "unit": "ms",
        "baseline": round(baseline, 2),
        "ratio": round(value / baseline, 2),
        "better": "lower",
        "note": f"{SOCKETS} sockets, p50 {statistics.median(ours):.1f} ms; baseline: stock Channels, nothing stored",
    }


Opening = Callable[[], AbstractAsyncContextManager[ClientConnection]]


async def _watch(opening: Opening, command: list[str], env: dict[str, str]) -> list[float]:
    ready = asyncio.Semaphore(0)
    watching = [asyncio.create_task(_one(opening, ready)) for _ in range(SOCKETS)]
    for _ in range(SOCKETS):
        await ready.acquire()
    teller = await asyncio.create_subprocess_exec(*command, env=env)
    delays = await asyncio.gather(*watching)
    await teller.wait()
    return [delay for each in delays for delay in each]


async def _one(opening: Opening, ready: asyncio.Semaphore) -> list[float]:
    delays: list[float] = []
    async with opening() as opened:
        ready.release()
        while len(delays) < EVENTS:
            message = json.loads(await asyncio.wait_for(opened.recv(), 30))
            delays.append((time.time() - message["data"]["sent"]) * 1000)
    return delays


@asynccontextmanager
async def subscribed(live: LiveStack, run: str, token: str) -> AsyncIterator[ClientConnection]:
    async with connect(f"{live.ws_url}/w/acme/ws/", subprotocols=["bearer", token]) as opened:  # type: ignore[list-item]
        await opened.send(json.dumps({"action": "subscribe", "topic": f"run:{run}", "after": 1}))
        await opened.recv()
        yield opened


@asynccontextmanager
async def _stock(place: str) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://{place}/") as opened:
        await opened.recv()
        yield opened
