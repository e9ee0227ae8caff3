"""Messages between agents: how many a second with every one of them stored, and how long one takes, in process and between two.

Baselines: messages stored by one INSERT each (rate), the bare asyncio queue (latency in process), and one XADD and one
XREADGROUP of redis-py (latency between processes).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from config.stack.paths import CHECKOUT
from tests.servers.storage import Storage

NAMES = (
    "bus_messages_per_second",
    "bus_latency_p50_ms",
    "bus_messages_per_second_two_processes",
    "bus_latency_p50_ms_two_processes",
)


def measure() -> list[dict[str, Any]]:
    before = dict(os.environ)
    os.environ["ENVIRONMENT"] = "testing"
    storage = Storage.reserve(worker="bench")
    os.environ.update(storage.env)
    try:
        storage.start()
        storage.clone(storage.database)
        here, across = (_figures(mode, storage.env) for mode in ("here", "across"))
    finally:
        storage.stop()
        os.environ.clear()
        os.environ.update(before)
    return [*_in_process(here), *_two_processes(across)]


def _in_process(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    rate, plain = found["rate"], found["plain_rate"]
    p50, queue = found["p50_ms"], found["queue_p50_ms"]
    return [
        {
            "name": "bus_messages_per_second",
            "value": round(rate),
            "unit": "messages/s",
            "baseline": round(plain),
            "ratio": round(rate / plain, 1),
            "better": "higher",
            "note": f"in process, {found['stored']:,} stored in PostgreSQL and counted, {found['cpu_us']:.0f} µs of CPU each; baseline: one INSERT each",
        },
        {
            "name": "bus_latency_p50_ms",
            "value": round(p50, 4),
            "unit": "ms",
            "baseline": round(queue, 4),
            "ratio": round(p50 / queue, 2),
            "better": "lower",
            "note": f"in process, history stored meanwhile, p99 {found['p99_ms']:.2f} ms; baseline: asyncio.Queue",
        },
    ]


def _two_processes(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    p50, bare = found["p50_ms"], found["bare_p50_ms"]
    return [
        {
            "name": "bus_messages_per_second_two_processes",
            "value": round(found["rate"]),
            "unit": "messages/s",
            "baseline": round(found["single_rate"]),
            "ratio": round(found["rate"] / found["single_rate"], 1),
            "better": "higher",
            "note": "batches of 100 over Redis Streams, each acknowledged, stored by the sender; baseline: sent one by one",
        },
        {
            "name": "bus_latency_p50_ms_two_processes",
            "value": round(p50, 3),
            "unit": "ms",
            "baseline": round(bare, 3),
            "ratio": round(p50 / bare, 2),
            "better": "lower",
            "note": f"p99 {found['p99_ms']:.2f} ms; baseline: XADD and XREADGROUP of redis-py",
        },
    ]


def _figures(mode: str, env: Mapping[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.plain.talking", mode]
    told = subprocess.run(
        command, env={**os.environ, **env}, cwd=CHECKOUT, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found
