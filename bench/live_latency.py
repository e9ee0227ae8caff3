"""From a committed event to a watching socket, through Redis and the hub, beside a bare Redis publish and subscribe."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from typing import Any

import redis
from websockets.asyncio.client import connect

from bench import stage
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


def measure() -> dict[str, Any]:
    with stage.stack() as live:
        run, token = json.loads(stage.python(live, _RUN).splitlines()[-1])
        delays = asyncio.run(_watch(live, run, token))
        bare = _bare(live.redis_url)
    p50, p95 = statistics.median(delays), statistics.quantiles(delays, n=20)[-1]
    baseline = statistics.quantiles(bare, n=20)[-1]
    return {
        "name": "event_latency_p95_ms",
        "value": round(p95, 2),
        "unit": "ms",
        "baseline": round(baseline, 2),
        "ratio": round(p95 / baseline, 2),
        "better": "lower",
        "note": f"{SOCKETS} sockets, stored first; p50 {p50:.1f} ms; baseline: bare Redis publish and subscribe",
    }


async def _watch(live: LiveStack, run: str, token: str) -> list[float]:
    command = [sys.executable, "-c", _TELL, run, str(EVENTS), str(PAUSE)]
    ready = asyncio.Semaphore(0)
    watching = [asyncio.create_task(_one(live, run, token, ready)) for _ in range(SOCKETS)]
    for _ in range(SOCKETS):
        await ready.acquire()
    with subprocess.Popen(command, env=dict(live.env)):
        return [delay for delays in await asyncio.gather(*watching) for delay in delays]


async def _one(live: LiveStack, run: str, token: str, ready: asyncio.Semaphore) -> list[float]:
    delays = []
    async with connect(f"{live.ws_url}/w/acme/ws/", subprotocols=["bearer", token]) as opened:  # type: ignore[list-item]
        await opened.send(json.dumps({"action": "subscribe", "topic": f"run:{run}", "after": 1}))
        await opened.recv()
        ready.release()
        while len(delays) < EVENTS:
            message = json.loads(await asyncio.wait_for(opened.recv(), 30))
            delays.append((time.time() - message["data"]["sent"]) * 1000)
    return delays


def _bare(url: str) -> list[float]:
    delays = []
    with redis.Redis.from_url(url) as client, client.pubsub() as listening:
        listening.subscribe("bench")
        listening.get_message(timeout=5)
        for _ in range(200):
            client.publish("bench", str(time.time()))
            message = listening.get_message(timeout=5)
            if message:
                delays.append((time.time() - float(message["data"])) * 1000)
    return delays
