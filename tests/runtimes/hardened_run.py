"""One run in a fresh process, with every file write and socket written down as JSON."""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import threading
import time
import warnings
from typing import Any

from agents.llm.types import OnText, Reply, Request, ToolCall, Usage
from agents.runtimes.crew import warm_up
from agents.runtimes.outcome import CallId
from tests.runtimes.stage import PARTS, Host, adder, agent, crew, play, task

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "sqlite3.connect"}
OWN_CLEANING = ("os.remove", "os.rmdir", "socket.bind ('::1', 0)")  # the last: urllib3 asks whether there is IPv6
seen: list[str] = []


def watch(event: str, args: tuple[Any, ...]) -> None:
    if event == "open" and (args[2] or 0) & WRITING:
        seen.append(f"open {args[0]}")
    elif event in CHANGES or event in {"socket.connect", "socket.bind", "socket.sendto", "pickle.find_class"}:
        seen.append(f"{event} {args[-1] if event.startswith('socket') else args[0]}")


async def complete(request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
    if request.response_schema:
        return Reply('{"n": 1}', "memory", "m", Usage(1, 1))
    if request.tools and request.messages[-1].role != "tool":
        return Reply("", "memory", "m", Usage(1, 1), (ToolCall("c", "add", {"a": 1, "b": 1}),))
    if on_text:
        on_text("text")
    return Reply("text" * 100_000, "memory", "m", Usage(1, 1))


def begin_to_load() -> None:
    """Comes back in the middle of it: a thread of its own loads CrewAI, as in a worker that has just begun."""
    threading.Thread(target=warm_up).start()
    while "crewai" not in sys.modules:
        time.sleep(0.001)


def main() -> None:
    home, warn, threads = os.environ.get("HOME"), warnings.warn, threading.active_count()
    tempfile.gettempdir()  # Python tries it out by writing to it
    sys.addaudithook(watch)
    if "BEGINS_EARLY" in os.environ:
        begin_to_load()
    else:
        warm_up(for_good=True)
    importing = [line for line in seen if not line.startswith(OWN_CLEANING) and "/guildhall-" not in line]
    seen.clear()
    spec = crew(
        agent("one", tools=("add",)),
        task("t1", "one"),
        task("t2", "one", async_execution=True),
        task("t3", "one", output_schema=PARTS),
    )
    result = play(spec, {}, complete=complete, tools={"add": adder()}, hooks=Host())
    report = {
        "importing": importing,
        "running": list(seen),
        "output": result.output_json,
        "home_kept": os.environ.get("HOME") == home,
        "warn_kept": warnings.warn is warn,
        "threads": threading.active_count() - threads,
        "frozen": gc.get_freeze_count() > 100_000,
        "stolen": "STOLEN" in os.environ,
        "unpickled": os.environ.get("UNPICKLED", ""),
    }
    sys.stdout.write(json.dumps(report))
