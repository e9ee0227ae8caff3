"""A thousand watching sockets: 20 runs tell something twice a second, then one of them tells 500 things at once.

Every socket keeps the numbers of what it heard; one that is missing or doubled counts as lost. The baseline of the latency is the goal.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from bench import stage
from bench.live_latency import subscribed
from bench.report import against_goal
from tests.servers.live import LiveStack

NAMES = ("event_crowd_p95_ms", "events_lost_in_burst")
RUNS, SOCKETS_EACH, TOLD, PAUSE, BURST = 20, 50, 10, 0.5, 500
GOAL_MS = 100.0
OPENING_AT_ONCE = 20

_RUNS = f"""
import json
from tenants.access import get_member
from tenants.context import enter
from tenants.proving.tokens import sign_in
from tests import cast
from tests.projects.runs import a_run
user, tenant = cast.person("alice"), cast.workspace("acme")
member = get_member(user, tenant)
with enter(tenant.schema_name):
    print(json.dumps([[str(a_run(member).pk) for _ in range({RUNS})], sign_in(user).access]))
"""

_TELL = f"""
import django, sys, time
django.setup()
from projects import events
from tenants.context import enter
runs = sys.argv[1:]
with enter("t_acme"):
    for _ in range({TOLD}):
        began = time.time()
        for run in runs:
            events.append(run, [events.line("agent.status", sent=time.time())])
        time.sleep(max(0, {PAUSE} - (time.time() - began)))
    for _ in range({BURST} // 50):
        events.append(runs[0], [events.line("agent.status", burst=True) for _ in range(50)])
"""


@dataclass
class Watcher:
    """One socket: how late what it heard was, in ms, and the numbers."""

    awaited: int
    delays: list[float] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    @property
    def amiss(self) -> int:
        """Numbers that are missing or came twice; the first event of a run is its start, which came before."""
        return len(set(range(2, self.awaited + 2)) ^ set(self.numbers)) + len(self.numbers) - len(set(self.numbers))


def measure() -> list[dict[str, Any]]:
    with stage.stack() as live:
        runs, token = json.loads(stage.python(live, _RUNS).splitlines()[-1])
        watchers = asyncio.run(_watch(live, runs, token))
    delays = [delay for each in watchers for delay in each.delays]
    p95 = statistics.quantiles(delays, n=20)[-1]
    heard = sum(len(each.numbers) for each in watchers)
    note = f"{len(watchers)} sockets, {RUNS} runs, p50 {statistics.median(delays):.1f} ms"
    return [
        against_goal("event_crowd_p95_ms", p95, "ms", GOAL_MS, note),
        against_goal(
            "events_lost_in_burst",
            sum(each.amiss for each in watchers),
            "events",
            0,
            f"of {heard} deliveries, {BURST} events at once to {SOCKETS_EACH} sockets",
        ),
    ]


async def _watch(live: LiveStack, runs: list[str], token: str) -> list[Watcher]:
    opening, ready = asyncio.Semaphore(OPENING_AT_ONCE), asyncio.Semaphore(0)
    watchers = [Watcher(TOLD + (BURST if run == runs[0] else 0)) for run in runs for _ in range(SOCKETS_EACH)]
    places = [run for run in runs for _ in range(SOCKETS_EACH)]
    tasks = [
        asyncio.create_task(_listen(live, run, token, watcher, opening, ready))
        for run, watcher in zip(places, watchers, strict=True)
    ]
    for _ in watchers:
        await ready.acquire()
    gc.collect()
    gc.freeze()  # or looking for garbage among a thousand clients would be measured as the product's delay
    teller = await asyncio.create_subprocess_exec(sys.executable, "-c", _TELL, *runs, env=dict(live.env))
    await asyncio.gather(*tasks)
    await teller.wait()
    gc.unfreeze()
    return watchers


async def _listen(
    live: LiveStack,
    run: str,
    token: str,
    watcher: Watcher,
    opening: asyncio.Semaphore,
    ready: asyncio.Semaphore,
) -> None:
    await opening.acquire()
    async with subscribed(live, run, token) as opened:
        opening.release()
        ready.release()
        while len(watcher.numbers) < watcher.awaited:
            message = json.loads(await asyncio.wait_for(opened.recv(), 60))
            watcher.numbers.append(message["seq"])
            if sent := message["data"].get("sent"):
                watcher.delays.append((time.time() - sent) * 1000)
