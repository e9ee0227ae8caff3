"""CrewAI as it comes, in a process of its own that plays batches on demand: what our figures are held against.

It is let off its telemetry and its prompt for traces, which would wait for the network.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from uuid import uuid4

TASKS = 3
QUIET = {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false", "CREWAI_TESTING": "true"}


class Played(NamedTuple):
    """Wall and CPU seconds of a batch."""

    wall: float
    cpu: float


class Stock:
    """`with Stock(url) as stock: stock.play(runs, threads)`."""

    def __init__(self, url: str) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="guildhall-bench-")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "bench.stock", url],
            env={**os.environ, **QUIET, "HOME": self._home.name, "REDIS_URL": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # CrewAI complains on every call that it does not know the model
            text=True,
        )

    def __enter__(self) -> Stock:
        self.play(2, 1)  # loads modules and opens connections
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=20)
        self._home.cleanup()

    def play(self, runs: int, threads: int) -> Played:
        told, heard = self._process.stdin, self._process.stdout
        if told is None or heard is None:
            raise TypeError("The process was started with pipes.")
        told.write(f"{runs} {threads}\n")
        told.flush()
        for line in heard:
            if line.startswith("["):
                return Played(*json.loads(line))
        raise RuntimeError("The measured process ended early.")


def _serve(url: str) -> None:
    import crewai

    llm = crewai.LLM(model="openai/fake-1", base_url=url, api_key="none", stream=True)

    def play(_: int) -> None:
        worker = crewai.Agent(role="The worker", goal="Be a good worker.", backstory="", llm=llm)
        topic = uuid4().hex
        tasks = [
            crewai.Task(description=f"Do t{n} about {topic}.", expected_output="Text.", agent=worker)
            for n in range(1, TASKS + 1)
        ]
        crewai.Crew(agents=[worker], tasks=tasks).kickoff()

    for line in sys.stdin:
        runs, threads = map(int, line.split())
        wall, cpu = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(play, range(runs)))
        print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
