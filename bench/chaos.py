"""Runs under everything that goes wrong at once: what is lost, done twice, paid twice, and how soon it goes on.

300 runs of a crew with two agents, one of which posts to another system. The model servers fail one call in ten, each in its own way.
Meanwhile the worker is killed, frozen and thawed, Redis is killed and emptied, PostgreSQL is killed and restarted, every database
connection is cut, and hints are sent in vain. What counts is kept by the servers on the other side: every answer that a model gave, every request that arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from signal import SIGCONT, SIGINT, SIGKILL, SIGSTOP
from typing import Any

import httpx
import psycopg
import redis

from bench import stage
from bench.report import against_goal
from tests.servers.live import LiveStack
from tests.servers.llm import Call, FakeLLM, Fault, Say, Seen, Step
from tests.servers.web import Asked, Page, Web

NAMES = (
    "chaos_runs_lost",
    "chaos_effects_twice",
    "chaos_calls_repeated_per_interruption",
    "chaos_recovery_percent",
    "chaos_continuation_p95_seconds",
)
RUNS, SECONDS, PAUSE = 300, 90.0, 9.0
LATENCY = 0.4
PATIENCE = 240.0
SEED = 7
SIGN_IN = (
    "from tenants.proving.tokens import sign_in\nfrom tests import cast\nprint(sign_in(cast.person('alice')).access)"
)
FAULTS = (
    Fault(status=500),
    Fault(status=503),
    Fault(status=429, retry_after="1"),
    Fault("reset"),
    Fault("truncated"),
    Fault("malformed"),
    Fault("empty_choices"),
    Fault("html"),
    Fault("stream_error"),
)
RUN = re.compile(r"number (\d+)\b")


@dataclass
class Outside:
    """What happened on the other side: answers by (run, turn of the conversation), and requests by run."""

    seed: int
    rate: float = 0.1
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    posts: Counter[str] = field(default_factory=Counter)
    hook: str = ""

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._guard = threading.Lock()

    def answer(self, seen: Seen) -> Step:
        with self._guard:
            if self._dice.random() < self.rate:
                return self._dice.choice(FAULTS)
            text = "\n".join(str(message.get("content")) for message in seen.messages)
            run = RUN.search(text)
            number = run[1] if run else "?"
            self.answers[number, f"{'post' if seen.tools else 'say'} {len(seen.messages)}"] += 1
        if seen.tools and seen.messages[-1].get("role") != "tool":
            return Say(calls=[Call("http_request", {"url": f"{self.hook}{number}", "method": "POST"})])
        return Say(f"Done for number {number}.")

    def received(self, asked: Asked) -> Page:
        with self._guard:
            self.posts[asked.path.rpartition("=")[2]] += 1
        return Page(b"noted")


def measure() -> list[dict[str, Any]]:
    outside = Outside(SEED)
    with (
        FakeLLM(outside.answer, latency=LATENCY) as first,
        FakeLLM(outside.answer, latency=LATENCY) as second,
        Web() as web,
    ):
        outside.hook = web.url("/hook?run=")
        web.pages["/hook"] = outside.received
        hosts = ",".join(f"127.0.0.1:{port}" for port in (web.port, _port(first.openai_url), _port(second.openai_url)))
        env = {
            "EGRESS_LOCAL_HOSTS": hosts,
            "EGRESS_PORTS": str(web.port),
            "LOCAL_MODEL_HOSTS": hosts,
            "ENVIRONMENT": "development",
            "PROVIDER_PATIENCE_SECONDS": "60",  # as it is shipped
        }
        with stage.stack(("crews", "beat"), env, durable=True) as live:
            stand = Stand(live, [first.openai_url, second.openai_url])
            trouble = Trouble(live)
            starting = threading.Thread(target=asyncio.run, args=[stand.start_all(RUNS)])
            starting.start()
            trouble.stir(SECONDS)  # in this thread: a child ends with the thread that started it
            starting.join()
            stand.wait_for_all(PATIENCE)
            return _figures(stand.story(), outside, trouble.done)


class Stand:
    """Acme with its crew, its chain of two providers and the host that it may post to."""

    def __init__(self, live: LiveStack, models: list[str]) -> None:
        self.live = live
        token = stage.python(live, SIGN_IN).splitlines()[-1]
        self._headers = {"Authorization": f"Bearer {token}"}
        self._base = f"{live.url}/w/acme/api/v1/"
        for number, url in enumerate(models):
            self._make(
                "providers/",
                name=f"House {number}",
                provider="openai",
                base_url=url,
                credential="sk-chaos-1234",
                model="fake-1",
            )
        self._make("tools/hosts/", host="127.0.0.1", methods=["POST"])
        worker = {"name": "worker", "role": "Worker", "goal": "Work.", "tools": ["http_request"]}
        writer = {"name": "writer", "role": "Writer", "goal": "Write."}
        post = {
            "name": "post",
            "description": "Post for number {number} now.",
            "expected_output": "Text.",
            "agent": "worker",
        }
        say = {
            "name": "say",
            "description": "Say it for number {number} now.",
            "expected_output": "Text.",
            "agent": "writer",
        }
        self.crew = self._make("crews/", name="Chaos", agents=[worker, writer], tasks=[post, say])["id"]

    def _make(self, path: str, **sent: Any) -> Mapping[str, Any]:
        answer = httpx.post(self._base + path, json=sent, headers=self._headers, timeout=30)
        if answer.status_code not in {201, 202}:
            raise RuntimeError(f"{path}: {answer.text}")
        found: Mapping[str, Any] = answer.json()
        return found

    async def start_all(self, runs: int) -> None:
        """Evenly over the time of trouble; a start that the outage refuses is sent again, with the same key."""
        api = httpx.AsyncClient(base_url=self._base, headers=self._headers, timeout=30)
        async with api, asyncio.TaskGroup() as group:
            for number in range(runs):
                group.create_task(self._start(api, number))
                await asyncio.sleep(SECONDS / runs)

    async def _start(self, api: httpx.AsyncClient, number: int) -> None:
        wish = {"crew": self.crew, "inputs": {"number": str(number)}}
        for _ in range(60):
            with contextlib.suppress(httpx.TransportError):
                answer = await api.post("runs/", json=wish, headers={"Idempotency-Key": f"chaos-{number}"})
                if answer.status_code == 202:
                    return
            await asyncio.sleep(1)
        raise RuntimeError(f"Run {number} was never taken.")

    def wait_for_all(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        query = "SELECT count(*) FROM t_acme.projects_run WHERE finished_at IS NULL"
        while time.monotonic() < ends:
            with contextlib.suppress(psycopg.Error), psycopg.connect(self.live.database_url) as database:
                row = database.execute(query).fetchone()
                if row and row[0] == 0:
                    return
            time.sleep(1)

    def story(self) -> Story:
        with psycopg.connect(self.live.database_url) as database:
            runs = database.execute("SELECT id, status, stop_reason FROM t_acme.projects_run").fetchall()
            lines = database.execute(
                "SELECT run_id, created_at, type, data->>'resumed' FROM t_acme.projects_runevent ORDER BY run_id, seq"
            ).fetchall()
            noted = database.execute(
                "SELECT DISTINCT run_id FROM t_acme.faults_fault WHERE run_id IS NOT NULL"
            ).fetchall()
        faulty = frozenset(str(run) for (run,) in noted)
        return Story([(str(run), status, reason) for run, status, reason in runs], _gaps(lines), faulty)


@dataclass(frozen=True)
class Story:
    """How the runs ended, for each time that one was taken up again how long it had been silent, and in which errors were noted."""

    runs: list[tuple[str, str, str]]
    gaps: list[tuple[str, float]]
    faulty: frozenset[str]


def _gaps(lines: list[tuple[Any, datetime, str, str | None]]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    last: dict[Any, datetime] = {}
    for run, at, kind, resumed in lines:
        if kind == "run.status" and resumed == "true":
            found.append((str(run), (at - last[run]).total_seconds()))
        last[run] = at
    return found


class Trouble:
    """Breaks something every few seconds, in an order that a seed gives."""

    def __init__(self, live: LiveStack) -> None:
        self.live = live
        self.done: Counter[str] = Counter()
        self._dice = random.Random(SEED)

    def stir(self, seconds: float) -> None:
        deeds: list[Callable[[], None]] = [
            self.kill_worker,
            self.kill_postgres,
            self.restart_postgres,
            self.cut_database,
            self.empty_redis,
            self.hint_in_vain,
            self.freeze_worker,
            self.kill_redis,
        ]
        ends = time.monotonic() + seconds
        for deed in self._in_turn(deeds):
            if time.monotonic() > ends:
                return
            time.sleep(PAUSE / 2 + self._dice.random() * PAUSE / 2)
            deed()
            self.done[deed.__name__] += 1

    def _in_turn(self, deeds: list[Callable[[], None]]) -> Iterator[Callable[[], None]]:
        while True:
            yield from self._dice.sample(deeds, len(deeds))

    def kill_worker(self) -> None:
        self.live.kill_worker()
        self.live.start_worker(ready=False)

    def freeze_worker(self) -> None:
        """Longer than its leases hold, with another worker beside it that takes over."""
        pid = self.live.pid("crews")
        frozen = self.live.running.pop("crews")
        os.kill(pid, SIGSTOP)
        self.live.start_worker(ready=False)
        time.sleep(25)
        os.kill(pid, SIGCONT)
        time.sleep(2)
        frozen[0].send_signal(SIGKILL)

    def cut_database(self) -> None:
        with psycopg.connect(self.live.database_url, autocommit=True) as database:
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def kill_postgres(self) -> None:
        self.live.storage.restart_postgres(SIGKILL)

    def restart_postgres(self) -> None:
        self.live.storage.restart_postgres(SIGINT)

    def empty_redis(self) -> None:
        redis.Redis.from_url(self.live.redis_url).flushall()

    def kill_redis(self) -> None:
        self.live.restart("valkey", meanwhile=partial(time.sleep, 2))

    def hint_in_vain(self) -> None:
        code = "from projects.work import queue\nfor _ in range(50): queue.hint('crews')"
        stage.python(self.live, code)


def _figures(story: Story, outside: Outside, troubles: Counter[str]) -> list[dict[str, Any]]:
    lost = sum(status in {"queued", "running", "waiting"} for _, status, _ in story.runs) + max(
        0, RUNS - len(story.runs)
    )
    disturbed = {run for run, _ in story.gaps} | story.faulty
    recovered = sum(status == "succeeded" for run, status, _ in story.runs if run in disturbed)
    repeated = sum(times - 1 for times in outside.answers.values())
    ended = Counter(status if status == "succeeded" else f"{status}: {reason}" for _, status, reason in story.runs)
    note = f"{dict(ended)}; {dict(troubles)}; {len(story.gaps)} interruptions"
    gaps = sorted(gap for _, gap in story.gaps)
    p95 = gaps[int(len(gaps) * 0.95)] if gaps else 0.0
    rows: list[tuple[str, float, str, float, str]] = [
        ("chaos_runs_lost", lost, "runs", 0, note),
        (
            "chaos_effects_twice",
            sum(times > 1 for times in outside.posts.values()),
            "runs",
            0,
            f"of {len(outside.posts)}",
        ),
        (
            "chaos_calls_repeated_per_interruption",
            repeated / max(1, len(story.gaps)),
            "calls",
            1,
            f"{repeated} answers given twice, of {sum(outside.answers.values())}",
        ),
        (
            "chaos_recovery_percent",
            100 * recovered / max(1, len(disturbed)),
            "%",
            95,
            f"of {len(disturbed)} runs that lost their worker or whose model failed",
        ),
        (
            "chaos_continuation_p95_seconds",
            p95,
            "s",
            30,
            f"silence before a run went on; median {statistics.median(gaps) if gaps else 0:.1f} s",
        ),
    ]
    return [against_goal(*row) for row in rows]


def _port(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])
