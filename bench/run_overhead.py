"""What a run costs beside the model's answer: our runtime against CrewAI as it comes, on one model server that answers at once.

Each side has a process of its own and they take turns. CrewAI is let off its telemetry and its prompt for traces, which would wait for
the network. Ours is the runtime with the gateway and every event; with the API, the worker and all records in PostgreSQL it is
measured in `bench.runs`.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Any

from tests.servers.llm import FakeLLM

if TYPE_CHECKING:
    from agents.runtimes.outcome import Complete

NAMES = ("runtime_seconds_vs_crewai", "runtime_cpu_ms_per_task", "engine_cpu_ms_per_task")
TASKS, RUNS, ROUNDS = 3, 4, 4
SIDES = ("ours", "stock", "engine")
ALONE = f"{TASKS} tasks, one model call each, answered in memory: the engine with its events, no gateway and no HTTP"
Figures = dict[str, list[tuple[float, float]]]


def measure() -> list[dict[str, Any]]:
    """Seconds per run of three tasks, and CPU milliseconds per task: medians of interleaved rounds."""
    with FakeLLM() as server, ExitStack() as stack:
        players = {side: stack.enter_context(_Player(side, server.openai_url)) for side in SIDES}
        for player in players.values():
            player.play()  # loads modules and opens connections
        figures: Figures = {side: [] for side in SIDES}
        for _ in range(ROUNDS):
            for side in SIDES:
                figures[side].append(players[side].play())
    return [
        _entry("runtime_seconds_vs_crewai", "s", figures, lambda figure: figure[0] / RUNS),
        _entry("runtime_cpu_ms_per_task", "ms", figures, _cpu),
        {**_entry("engine_cpu_ms_per_task", "ms", figures, _cpu, side="engine"), "note": ALONE},
    ]


def _cpu(figure: tuple[float, float]) -> float:
    return figure[1] / RUNS / TASKS * 1000


def _entry(
    name: str, unit: str, figures: Figures, per: Callable[[tuple[float, float]], float], *, side: str = "ours"
) -> dict[str, Any]:
    ours, stock = (statistics.median(map(per, figures[each])) for each in (side, "stock"))
    return {
        "name": name,
        "value": round(ours, 4),
        "unit": unit,
        "baseline": round(stock, 4),
        "ratio": round(ours / stock, 3),
        "better": "lower",
        "note": f"{TASKS} tasks, model answers at once; baseline: crewai as it comes, without telemetry",
    }


class _Player:
    """A process that plays a batch of runs whenever it is told to."""

    def __init__(self, side: str, url: str) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="guildhall-bench-")
        quiet = {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false", "CREWAI_TESTING": "true"}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "bench.run_overhead", side, url],
            env={**os.environ, **quiet, "HOME": self._home.name, "REDIS_URL": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # CrewAI complains on every call that it does not know the model
            text=True,
        )

    def __enter__(self) -> _Player:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe(self._process.stdin).close()
        self._process.wait(timeout=10)
        self._pipe(self._process.stdout).close()
        self._home.cleanup()

    def play(self) -> tuple[float, float]:
        """Wall and CPU seconds of a batch."""
        told = self._pipe(self._process.stdin)
        told.write("go\n")
        told.flush()
        for line in self._pipe(self._process.stdout):
            if line.startswith("["):
                wall, cpu = json.loads(line)
                return wall, cpu
        raise RuntimeError("The measured process ended early.")

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        if pipe is None:
            raise TypeError("The process was started with pipes.")
        return pipe


def _ours(url: str) -> Callable[[], object]:
    from agents.llm.gateway import Gateway
    from agents.llm.types import OnText, Reply, Request
    from agents.llm.vendors import Connection, route_to
    from agents.runtimes.outcome import CallId

    gateway = Gateway([route_to(Connection("openai", url, "none", model="fake-1"))])

    async def complete(request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        return await gateway.complete(request, deadline=time.monotonic() + 60, on_text=on_text)

    return _with(complete)


def _engine(_url: str) -> Callable[[], object]:
    from agents.llm.types import OnText, Reply, Request, Usage
    from agents.runtimes.outcome import CallId

    async def complete(request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        if on_text is not None:
            on_text("Done.")
        return Reply("Done.", "memory", "memory", Usage(1, 1))

    return _with(complete)


def _with(complete: Complete) -> Callable[[], object]:
    from agents.runtimes.crew import run_crew
    from tests.runtimes.stage import Host, relay

    runner = asyncio.Runner()
    return lambda: runner.run(run_crew(relay(TASKS), {}, complete=complete, tools={}, hooks=Host()))


def _stock(url: str) -> Callable[[], object]:
    import crewai

    llm = crewai.LLM(model="openai/fake-1", base_url=url, api_key="none", stream=True)

    def play() -> object:
        worker = crewai.Agent(role="The worker", goal="Be a good worker.", backstory="", llm=llm)
        tasks = [
            crewai.Task(description=f"Do t{number}.", expected_output="Text.", agent=worker)
            for number in range(1, TASKS + 1)
        ]
        return crewai.Crew(agents=[worker], tasks=tasks).kickoff()

    return play


def _serve(side: str, url: str) -> None:
    play = {"ours": _ours, "stock": _stock, "engine": _engine}[side](url)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(RUNS):
            play()
        print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]), flush=True)


if __name__ == "__main__":
    _serve(*sys.argv[1:])
