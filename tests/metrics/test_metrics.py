"""Who may read /metrics, what is in it, and what becomes of processes that ended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from config.metrics import dead
from config.metrics.figures import CountedFigures
from projects import metrics
from projects.work import queue
from simulations import metrics as simulated
from tenants.ids import uuid7
from tenants.models import Tenant, User
from tests.conftest import ApiOf

PAGE = "/metrics"
CONTRACT = (
    "api_request_duration_seconds", "agent_executions_total", "database_connections_active", "runs_total",
    "run_queue_depth", "run_queue_wait_seconds", "errors_total", "websocket_connections", "websocket_delivery_seconds",
    "simulation_steps_total",
)  # fmt: skip


@pytest.fixture
def near(settings: Settings) -> None:
    settings.METRICS_NETWORKS = ["127.0.0.0/8"]


def read(client: Client | None = None) -> str:
    answer = (client or Client()).get(PAGE)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("text/plain; version=")
    return answer.content.decode()


def test_all_names_of_the_contract_are_there(db: None, near: None) -> None:
    """A figure with labels is there from its first value on."""
    metrics.RUNS.labels("crew", "succeeded")
    metrics.AGENT_EXECUTIONS.labels("crew", "succeeded")
    metrics.ERRORS.labels("tool", "true")
    simulated.STEPS.inc(0)
    text = read()
    assert [
        name for name in CONTRACT if f"# TYPE {name.removesuffix('_total')}" not in text.replace("_total ", " ")
    ] == []
    assert 'run_queue_depth{queue="crews"} 0.0' in text


def test_what_rests_until_a_moment_to_come_waits_for_no_worker(in_acme: Tenant, near: None) -> None:
    """The next time of a schedule, the reminder of a question, a message to an address that failed."""
    queue.enqueue(kind="webhook", object_id=uuid7(), queue="crews", after=3_600)
    queue.enqueue(kind="webhook", object_id=uuid7(), queue="crews")
    assert 'run_queue_depth{queue="crews"} 1.0' in read()
    assert queue.waiting("crews") == 1


def test_an_answer_is_counted_under_its_route(api_of: ApiOf, alice: User, acme: Tenant, near: None) -> None:
    api_of(alice).get("/w/acme/api/v1/projects/019a0000-0000-7000-8000-00000000abcd/")
    Client().get("/w/acme/no/such/place/")
    text = read()
    assert 'endpoint="/w/<slug>/api/v1/projects/<uuid:project_id>/",method="GET",status="404"' in text
    assert 'endpoint="unmatched",method="GET",status="404"' in text
    assert "acme" not in text
    assert "00000000abcd" not in text


def test_every_answer_carries_a_number_of_its_own(db: None) -> None:
    first, second = (Client().get("/healthz", headers={"X-Request-Id": "mine"})["X-Request-Id"] for _ in range(2))
    assert len(first) == len(second) == 32
    assert first != second


@pytest.mark.parametrize(
    ("networks", "proxies", "headers", "status"),
    [
        ([], 0, {}, 404),
        (["127.0.0.0/8"], 0, {}, 200),
        (["10.0.0.0/8"], 0, {}, 404),
        (["127.0.0.0/8"], 0, {"X-Forwarded-For": "203.0.113.9"}, 404),
        (["127.0.0.0/8"], 1, {"X-Forwarded-For": "203.0.113.9"}, 404),
        (["203.0.113.0/24"], 1, {"X-Forwarded-For": "203.0.113.9"}, 200),
        (["203.0.113.0/24"], 0, {"X-Forwarded-For": "203.0.113.9"}, 404),
        ([], 0, {"Authorization": "Bearer let-me-in"}, 200),
        ([], 0, {"Authorization": "Bearer let-me-out"}, 404),
        ([], 0, {"Authorization": "Bearer "}, 404),
    ],
)
def test_only_the_operator_s_network_or_its_token(
    db: None, settings: Settings, networks: list[str], proxies: int, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_NETWORKS, settings.TRUSTED_PROXIES, settings.METRICS_TOKEN = networks, proxies, "let-me-in"
    assert Client().get(PAGE, headers=headers).status_code == status


def test_without_a_token_an_empty_one_opens_nothing(db: None, settings: Settings) -> None:
    settings.METRICS_NETWORKS, settings.METRICS_TOKEN = [], ""
    assert Client().get(PAGE, headers={"Authorization": "Bearer "}).status_code == 404


COUNTING = """
import sys
from prometheus_client import Counter, Gauge, Histogram
Counter("things_total", "Things.", ["kind"]).labels("a").inc(int(sys.argv[1]))
Histogram("waits_seconds", "Waits.", buckets=(1, 2)).observe(1.5)
Gauge("open_things", "Open.", multiprocess_mode="livesum").set(7)
"""


def test_what_dead_processes_counted_stays_in_one_file(tmp_path: Path) -> None:
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for number in (2, 3):
        subprocess.run([sys.executable, "-c", COUNTING, str(number)], env=env, check=True)
    before = figures(tmp_path)
    assert (before["things_total"], before["waits_seconds_bucket 2.0"], before["open_things"]) == (5.0, 2.0, 14.0)
    assert dead.clean(tmp_path) == 6
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["counter_archive.db", "histogram_archive.db"]
    subprocess.run([sys.executable, "-c", COUNTING, "4"], env=env, check=True)
    dead.clean(tmp_path)
    after = figures(tmp_path)
    assert (after["things_total"], after["waits_seconds_bucket 2.0"], after["waits_seconds_count"]) == (9.0, 3.0, 3.0)
    assert "open_things" not in after


def test_hosts_that_share_a_data_directory_are_counted_together(tmp_path: Path) -> None:
    here, there = tmp_path / "metrics" / "web", tmp_path / "metrics" / "worker"
    for place, number in ((here, 2), (there, 3)):
        place.mkdir(parents=True)
        env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(place)}
        subprocess.run([sys.executable, "-c", COUNTING, str(number)], env=env, check=True)
    found = {sample.name: sample.value for family in CountedFigures(here).collect() for sample in family.samples}
    assert (found["things_total"], found["waits_seconds_count"], found["open_things"]) == (5.0, 2.0, 7.0)


def test_the_living_are_left_alone(tmp_path: Path) -> None:
    own = tmp_path / f"counter_{os.getpid()}.db"
    own.write_bytes(b"\x08" + bytes(63))
    assert dead.clean(tmp_path) == 0
    assert own.exists()


def figures(place: Path) -> dict[str, float]:
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(place))  # type: ignore[no-untyped-call]
    return {
        f"{sample.name} {sample.labels['le']}" if "le" in sample.labels else sample.name: sample.value
        for family in registry.collect()
        for sample in family.samples
    }
