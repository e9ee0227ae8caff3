"""How many calls of a workload that repeats itself need no model: two processes' memories over one Redis.

The workload is what a crew asks that runs every hour on much the same inputs: 1,000 calls, of which 950 are drawn from 80
questions (some of them far more often than others, Zipf's law with exponent 1) and 50 are asked once and never again. They
are spread over two processes by chance, from a fixed seed. Without a cache every call asks the model: the baseline is 0.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from redis.asyncio import Redis

from agents.llm.cache import LayeredCache, ProcessLayer, RedisLayer
from agents.llm.gateway import Gateway
from agents.llm.shared import SharedMemory
from agents.llm.types import Message, Request
from agents.llm.vendors import Connection, route_to
from agents.llm.wire import close_clients
from config.stack import paths, valkey
from config.stack.processes import spawn, stop_all, wait_until

NAMES = ("cache_hit_rate",)
CALLS, QUESTIONS, ONCE, PROCESSES, SEED = 1_000, 80, 50, 2, 20_261_121
TEXT = "Summarise report {} for the board in three sentences, and name the largest risk."


def measure() -> dict[str, Any]:
    with _redis() as redis_url, _server() as url:
        kept, new = asyncio.run(_ask(redis_url, url))
        asked = len(httpx.get(f"{url}/_ledger").json())
    return {
        "name": "cache_hit_rate",
        "value": round(100 * (CALLS - asked) / CALLS, 1),
        "unit": "%",
        "baseline": 0.0,
        "ratio": None,
        "better": "higher",
        "note": f"{asked} of {CALLS} calls reached the model; a kept answer takes {kept:.2f} ms, a new one {new:.2f} ms; goal 85 %",
    }


async def _ask(redis_url: str, url: str) -> tuple[float, float]:
    """Median milliseconds of a kept answer and of a new one."""
    memory = SharedMemory(lambda: Redis.from_url(redis_url))
    gateways = [_gateway(url, memory) for _ in range(PROCESSES)]
    times: dict[bool, list[float]] = {True: [], False: []}
    chance = random.Random(SEED)
    for question in _workload(chance):
        began = time.perf_counter()
        request = Request([Message("user", TEXT.format(question))])
        reply = await chance.choice(gateways).complete(request, deadline=time.monotonic() + 30)
        times[bool(reply.cached)].append((time.perf_counter() - began) * 1000)
    await memory.close()
    await close_clients()
    return statistics.median(times[True]), statistics.median(times[False])


def _workload(chance: random.Random) -> list[int]:
    """Numbers of questions in the order in which they are asked."""
    weights = [1 / rank for rank in range(1, QUESTIONS + 1)]
    asked = chance.choices(range(QUESTIONS), weights, k=CALLS - ONCE) + list(range(QUESTIONS, QUESTIONS + ONCE))
    chance.shuffle(asked)
    return asked


def _gateway(url: str, memory: SharedMemory) -> Gateway:
    cache = LayeredCache([ProcessLayer(), RedisLayer(memory)], stamp=lambda _: "1")
    route = route_to(Connection("openai", f"{url}/v1", "sk-bench", model="fake-1"))
    return Gateway([route], cache=cache, tenant="t_bench")


@contextmanager
def _redis() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as place:
        server = valkey.Server(paths.establish(Path(place)), durable=False)
        server.prepare()
        child = spawn(server.program)
        try:
            wait_until(server.is_ready, child, server.program, seconds=20)
            yield server.layout.redis_url()
        finally:
            stop_all({child: server.program.stop})


@contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.servers.llm"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker: it was asked for above
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
