"""What runs cost on the whole product: API, queue, worker, gateway, and everything recorded in PostgreSQL.

A crew of three tasks with one model call each, on a model server that answers at once or after one second; no two runs ask the same, so
that no cache answers. The baseline is bare CrewAI in one process (`bench.stock`), measured in turns with ours.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from bench import stage
from bench.client import Client
from bench.models import model_server
from bench.stock import TASKS, Played, Stock
from tests.servers.live import LiveStack

NAMES = (
    "run_overhead_vs_crewai",
    "cpu_ms_per_task",
    "runs_per_second_32_clients",
    "runs_500x3x1s_seconds",
    "worker_rss_mb",
)
ONE_BY_ONE, ROUNDS = 8, 3
CLIENTS, EACH = 32, 6
MANY = 500
TOKEN_SECONDS, MOST_SECONDS = 150.0, 120.0
SIGN_IN = (
    "from tenants.proving.tokens import sign_in\nfrom tests import cast\nprint(sign_in(cast.person('alice')).access)"
)
TICKS = os.sysconf("SC_CLK_TCK")
OF_THESE_ENDED = "SELECT id::text FROM t_acme.projects_run WHERE id = ANY(%s::uuid[]) AND finished_at IS NOT NULL"
ENDED = "SELECT count(*) FROM t_acme.projects_run WHERE status = 'succeeded'"


def measure() -> list[dict[str, Any]]:
    return [*_at_once(), *_many()]


def _at_once() -> list[dict[str, Any]]:
    """The model answers at once: what is left is ours, or CrewAI's."""
    with model_server() as url, _product(url) as product, Stock(url) as stock:
        product.play(4)
        product.play_side_by_side(CLIENTS, 1)
        ours = [product.play(ONE_BY_ONE), stock.play(ONE_BY_ONE, 1)]
        rounds = [ours, *([product.play(ONE_BY_ONE), stock.play(ONE_BY_ONE, 1)] for _ in range(ROUNDS - 1))]
        crowds = [
            (product.play_side_by_side(CLIENTS, EACH), stock.play(CLIENTS * EACH // 2, CLIENTS)) for _ in range(2)
        ]
    return [
        _entry("run_overhead_vs_crewai", "s", *_medians([[p.wall / ONE_BY_ONE for p in pair] for pair in rounds])),
        _entry(
            "cpu_ms_per_task",
            "ms",
            *_medians(
                [
                    [a.cpu / (CLIENTS * EACH * TASKS) * 1000, b.cpu / (CLIENTS * EACH // 2 * TASKS) * 1000]
                    for a, b in crowds
                ]
            ),
            note="the worker process, with every event and record stored",
        ),
        _entry(
            "runs_per_second_32_clients",
            "runs/s",
            *_medians([[CLIENTS * EACH / a.wall, CLIENTS * EACH // 2 / b.wall] for a, b in crowds]),
            better="higher",
            note=f"{CLIENTS} clients of the API; baseline: {CLIENTS} threads in one process",
        ),
    ]


def _many() -> list[dict[str, Any]]:
    """500 runs under way in one worker process, each of three calls of one second."""
    with model_server(1.0) as url, _product(url, RUNS_PER_WORKER=str(MANY)) as product:
        product.play(1)
        quiet = product.memory()
        took, most = product.play_many(MANY)
    goal = 250 + 0.3 * MANY
    return [
        _entry(
            "runs_500x3x1s_seconds", "s", took, 3.0, note="from the first begun to the last ended; baseline: the ideal"
        ),
        _entry(
            "worker_rss_mb",
            "MB",
            most,
            goal,
            note=f"with {MANY} runs under way, {quiet:.0f} before; baseline: 250 + 0.3 per run",
        ),
    ]


class Product:
    """The live stack with Alice's crew at Acme."""

    def __init__(self, live: LiveStack) -> None:
        self._live = live
        self._api = f"{live.url}/w/acme/api/v1/"
        self._headers: dict[str, str] = {}
        self._signed_at = -TOKEN_SECONDS
        self._database = psycopg.connect(live.database_url, autocommit=True)
        self._crew = self._made()

    def close(self) -> None:
        self._database.close()

    def play(self, runs: int) -> Played:
        """One after the other, each awaited by its client."""
        return asyncio.run(self._clients(1, runs))

    def play_side_by_side(self, clients: int, each: int) -> Played:
        return asyncio.run(self._clients(clients, each))

    def play_many(self, runs: int) -> tuple[float, float]:
        """Seconds from the first run begun to the last ended, and the most memory in between. All are queued while the worker sleeps."""
        before, most = self._ended(), [0.0]
        os.kill(self._live.pid("crews"), 19)  # SIGSTOP: it must find all of them
        try:
            asyncio.run(self._queue(runs))
        finally:
            os.kill(self._live.pid("crews"), 18)
        while self._ended() < before + runs:
            most[0] = max(most[0], self.memory())
            time.sleep(0.1)
        query = "SELECT extract(epoch FROM max(finished_at) - min(started_at)) FROM (SELECT * FROM t_acme.projects_run ORDER BY created_at DESC LIMIT %s) r"
        row = self._database.execute(query, [runs]).fetchone()
        return float(row[0] if row else 0), most[0]

    def memory(self) -> float:
        """Resident megabytes of the worker process."""
        status = Path(f"/proc/{self._live.pid('crews')}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def _made(self) -> str:
        crew = {
            "name": f"Bench {uuid4().hex[:6]}",
            "agents": [{"name": "worker", "role": "The worker", "goal": "Be a good worker."}],
            "tasks": [
                {
                    "name": f"t{n}",
                    "description": f"Do t{n} about {{topic}}.",
                    "expected_output": "Text.",
                    "agent": "worker",
                }
                for n in range(1, TASKS + 1)
            ],
        }
        self._sign_in()
        made = httpx.post(f"{self._api}crews/", json=crew, headers=self._headers, timeout=20)
        return str(made.raise_for_status().json()["id"])

    def _sign_in(self) -> None:
        """An access token lasts five minutes, a measurement may take longer."""
        if time.monotonic() - self._signed_at > TOKEN_SECONDS:
            token = stage.python(self._live, SIGN_IN).splitlines()[-1]
            self._headers, self._signed_at = {"Authorization": f"Bearer {token}"}, time.monotonic()

    async def _clients(self, clients: int, each: int) -> Played:
        """Each client starts a run, waits until it has ended, and starts the next one."""
        self._sign_in()
        wall, cpu = time.perf_counter(), self._cpu()
        async with asyncio.timeout(MOST_SECONDS), self._watched() as ends:
            await asyncio.gather(*(self._client(each, ends) for _ in range(clients)))
        return Played(time.perf_counter() - wall, self._cpu() - cpu)

    async def _client(self, runs: int, ends: dict[str, asyncio.Event]) -> None:
        async with Client(self._api, self._headers) as api:
            for _ in range(runs):
                run = await self._start(api)
                await ends.setdefault(run, asyncio.Event()).wait()
                answer = await api.get(f"runs/{run}/")
                if answer["status"] != "succeeded":
                    raise RuntimeError(f"A run ended otherwise: {answer['stop_detail']}")

    async def _queue(self, runs: int) -> None:
        self._sign_in()
        async with asyncio.timeout(MOST_SECONDS):
            await asyncio.gather(*(self._queue_some(runs // 10) for _ in range(10)))

    async def _queue_some(self, runs: int) -> None:
        async with Client(self._api, self._headers) as api:
            for _ in range(runs):
                await self._start(api)

    async def _start(self, api: Client) -> str:
        answer = await api.post("runs/", {"crew": self._crew, "inputs": {"topic": uuid4().hex}})
        return str(answer["id"])

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[dict[str, asyncio.Event]]:
        """Who waits for which run: one look into the database for all of them, so that the clients do not measure themselves."""
        ends: dict[str, asyncio.Event] = {}
        watching = asyncio.create_task(self._watch(ends))
        yield ends
        watching.cancel()

    async def _watch(self, ends: dict[str, asyncio.Event]) -> None:
        while True:
            for (run,) in self._database.execute(OF_THESE_ENDED, [list(ends)]).fetchall() if ends else ():
                ends.pop(run).set()
            await asyncio.sleep(0.01)

    def _ended(self) -> int:
        row = self._database.execute(ENDED).fetchone()
        return int(row[0]) if row else 0

    def _cpu(self) -> float:
        """CPU seconds of the worker process so far."""
        fields = Path(f"/proc/{self._live.pid('crews')}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def _product(url: str, **env: str) -> Iterator[Product]:
    given = {"OPENAI_BASE_URL": url, "OPENAI_MODEL": "fake-1", "ENVIRONMENT": "development", **env}
    with stage.stack(("crews", "beat"), given) as live:
        product = Product(live)
        try:
            yield product
        finally:
            product.close()


def _medians(pairs: list[list[float]]) -> list[float]:
    return [statistics.median(side) for side in zip(*pairs, strict=True)]


def _entry(
    name: str, unit: str, value: float, baseline: float, *, better: str = "lower", note: str = ""
) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "baseline": round(baseline, 4),
        "ratio": round(value / baseline, 3),
        "better": better,
        "note": note
        or f"{TASKS} tasks, model answers at once, through API and worker; baseline: kickoff() in one process",
    }
