"""The product itself on the stack: `manage.py demo`, and `manage.py up` after it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from config.stack.paths import CHECKOUT
from tests.servers.llm import FakeLLM, Say
from tests.stack.conftest import Stack, fetch, processes_of, wait_until

OUTSIDE = {"DATABASE_URL", "REDIS_URL", "ENVIRONMENT", "GUILDHALL_DATA", "OPENAI_API_KEY"}


def _command(*argv: str, data: Path, **more: str) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    return subprocess.Popen(
        [sys.executable, "manage.py", *argv, "--port", "0", "--data-dir", str(data)],
        cwd=CHECKOUT,
        env={**env, "OLLAMA_URL": "http://127.0.0.1:9", **more},  # nothing listens there
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@dataclass(frozen=True)
class Demo:
    data: Path
    status: int
    said: str

    @property
    def record(self) -> dict[str, dict[str, str]]:
        return dict(json.loads((self.data / "demo.json").read_text()))


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """`manage.py demo --once` from nothing, and what it left."""
    place = Path(tempfile.mkdtemp(prefix="guildhall-test-", dir="/tmp"))
    place.chmod(0o755)
    process = _command("demo", "--once", data=place / "data")
    said, _ = process.communicate(timeout=1200)
    yield Demo(place / "data", process.returncode, said)
    shutil.rmtree(place, ignore_errors=True)


@pytest.mark.slow
def test_the_demo_does_its_job_and_ends(demo: Demo) -> None:
    assert demo.status == 0, demo.said
    assert "Citations: all " in demo.said
    assert "(no language model is set up: the offline provider quotes what the document says)" in demo.said
    assert "7.2 MWh" in demo.record["run"]["output"]
    assert "[harbour-battery-study.md, § Summary]" in demo.record["run"]["output"]
    assert 0.70 <= float(demo.record["simulation"]["metrics"]["similarity"]) <= 0.80  # type: ignore[index]
    assert processes_of(demo.data) == []


def test_the_demo_writes_down_where_it_stands(demo: Demo) -> None:
    record = demo.record
    assert set(record) == {"url", "workspace_url", "api_url", "ws_url", "users", "api_key", "run", "simulation"}
    assert set(record["run"]) == {"id", "status", "url", "output"}
    assert set(record["simulation"]) == {"id", "status", "url", "metrics"}
    assert (record["run"]["status"], record["simulation"]["status"]) == ("succeeded", "completed")
    assert {who: set(user) for who, user in record["users"].items()} == {
        "owner": {"email", "password"},
        "moderator": {"email", "password"},
    }
    assert stat.S_IMODE((demo.data / "demo.json").stat().st_mode) == 0o600


@pytest.mark.slow
def test_manage_up_goes_on_from_there_and_leaves_nothing(demo: Demo) -> None:
    """A run that is under way outlives PostgreSQL and Redis, killed and started again by the supervisor; it pays for nothing twice."""
    with FakeLLM(lambda seen: Say(f"Answer {seen.number}.", delay=2.5)) as model:
        stack = Stack(
            demo.data, _command("up", data=demo.data, OPENAI_BASE_URL=model.openai_url, OPENAI_MODEL="fake-1")
        )
        try:
            url = stack.wait_for("Guildhall is up at", seconds=120).split()[4]
            assert "Preparing the database …" not in stack.said
            assert "Document analyst" in fetch(url)
            with httpx.Client(base_url=f"{url}/w/acme/api/v1/", headers=_key(demo), timeout=120) as api:
                run = _two_tasks(api)
                for asked, victim in ((1, "postgres"), (2, "valkey")):
                    wait_until(partial(_has_asked, model, asked), seconds=120)
                    os.kill(stack.children()[victim], signal.SIGKILL)
                    stack.wait_for(f"{victim} ended with signal SIGKILL")
                wait_until(lambda: _ended(api, run), seconds=120)
                ended = api.get(f"runs/{run}/").json()
            assert (ended["status"], ended["output"]) == ("succeeded", "Answer 1.")
            assert sorted({work["task"] for work in ended["agent_runs"]}) == ["t1", "t2"], (
                "begun again where it had to be"
            )
            assert len(model.ledger()) == 2
            assert stack.end(signal.SIGINT) == 0
            assert processes_of(demo.data) == []
        finally:
            stack.close()


def _key(demo: Demo) -> dict[str, str]:
    return {"Authorization": f"Bearer {json.loads((demo.data / 'demo.json').read_text())['api_key']}"}


def _two_tasks(api: httpx.Client) -> str:
    agent = {"name": "worker", "role": "Worker", "goal": "Work"}
    tasks = [
        {"name": name, "description": f"Do {name}.", "expected_output": "Text", "agent": "worker"}
        for name in ("t1", "t2")
    ]
    made = api.post("crews/", json={"name": "Outlives its database", "agents": [agent], "tasks": tasks})
    assert made.status_code == 201, made.text
    return str(api.post("runs/", json={"crew": made.json()["id"]}).json()["id"])


def _has_asked(model: FakeLLM, times: int) -> bool:
    return len(model.ledger()) >= times


def _ended(api: httpx.Client, run: str) -> bool:
    """While the database is away, every door answers 503."""
    answer = api.get(f"runs/{run}/")
    return answer.status_code == 200 and answer.json()["status"] not in {"queued", "running"}
