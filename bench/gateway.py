"""What the gateway adds to a call, and how soon the next route answers when the first one fails.

The model server is a process of its own that answers at once. Ours and the bare `openai` client take turns, one call each.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from agents.llm.gateway import Gateway, Patience
from agents.llm.retries import RetryBudget
from agents.llm.types import Message, Request
from agents.llm.vendors import Connection, route_to
from agents.llm.wire import close_clients

NAMES = ("gateway_overhead_p50_ms", "failover_500_ms")
CALLS, WARM, FAILOVERS = 300, 30, 100
QUESTION = "How much does the station store?"
ONCE = Patience(retries=0)


def measure() -> list[dict[str, Any]]:
    with _server() as good, _server() as bad:
        httpx.post(f"{bad}/_script", json=[{"fault": {"status": 500}}] * (FAILOVERS + WARM)).raise_for_status()
        return asyncio.run(_measure(good, bad))


async def _measure(good: str, bad: str) -> list[dict[str, Any]]:
    try:
        return [await _overhead(good), await _failover(good, bad)]
    finally:
        await close_clients()


async def _overhead(url: str) -> dict[str, Any]:
    """Milliseconds that a call takes more through the gateway than with the client that it is built on."""
    import openai

    gateway = Gateway([route_to(Connection("openai", f"{url}/v1", "sk-bench", model="fake-1"))])
    bare = openai.AsyncOpenAI(api_key="sk-bench", base_url=f"{url}/v1", max_retries=0)
    request = Request([Message("user", QUESTION)])

    async def through_gateway() -> None:
        await gateway.complete(request, deadline=time.monotonic() + 30)

    async def with_client() -> None:
        await bare.chat.completions.create(model="fake-1", messages=[{"role": "user", "content": QUESTION}])

    ours, theirs = await _in_turn(through_gateway, with_client)
    await bare.close()
    return {
        "name": "gateway_overhead_p50_ms",
        "value": round(ours - theirs, 3),
        "unit": "ms",
        "baseline": None,
        "ratio": None,
        "better": "lower",
        "note": f"one call {ours:.2f} ms (streamed, deadlines, accounts), bare openai client {theirs:.2f} ms; goal 2 ms more",
    }


async def _failover(good: str, bad: str) -> dict[str, Any]:
    """Milliseconds from the call to the second route's answer where the first answers 500 at once."""
    routes = [route_to(Connection("openai", f"{url}/v1", "sk-bench", model="fake-1")) for url in (bad, good)]
    failing = Gateway(routes, patience=ONCE, budget=RetryBudget())
    direct = Gateway(routes[1:], patience=ONCE)
    request = Request([Message("user", QUESTION)])
    ours, theirs = await _in_turn(
        lambda: failing.complete(request, deadline=time.monotonic() + 30),
        lambda: direct.complete(request, deadline=time.monotonic() + 30),
        calls=FAILOVERS,
    )
    return {
        "name": "failover_500_ms",
        "value": round(ours, 2),
        "unit": "ms",
        "baseline": round(theirs, 2),
        "ratio": round(ours / theirs, 2),
        "better": "lower",
        "note": "p50 of a call whose first route answers 500; baseline: the second route asked directly; goal 50 ms",
    }


async def _in_turn(
    one: Callable[[], Awaitable[object]], other: Callable[[], Awaitable[object]], *, calls: int = CALLS
) -> tuple[float, float]:
    """Median milliseconds of each, called alternately after some calls to warm up."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(WARM + calls):
        for call, taken in zip((one, other), times, strict=True):
            began = time.perf_counter()
            await call()
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[0][WARM:]), statistics.median(times[1][WARM:])


@contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.servers.llm"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker: it was asked for above
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
