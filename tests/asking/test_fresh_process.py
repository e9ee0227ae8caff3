"""The worker that asked is gone when the answer comes: another process goes on, and pays for nothing twice."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from tests import cast
from tests.runtimes.stage import asked_for
from tests.servers.live import LiveStack
from tests.servers.llm import FakeLLM, Say

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model() -> Iterator[FakeLLM]:
    with FakeLLM(lambda seen: Say(f"{asked_for(seen)}, version {seen.number}.", usage=(10, 5))) as server:
        yield server


@pytest.fixture(scope="module")
def live_env(model: FakeLLM) -> dict[str, str]:
    return {"OPENAI_BASE_URL": model.openai_url, "OPENAI_MODEL": "fake-1"}


@pytest.fixture(scope="module")
def live_services() -> Sequence[str]:
    return ("crews",)


@pytest.fixture
def api(live_stack: LiveStack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_stack.url, timeout=20) as client:
        body = {"email": "alice@acme.example", "password": cast.PASSWORD}
        token = client.post("/api/v1/auth/token/", json=body).json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.base_url = httpx.URL(f"{live_stack.url}/w/acme/api/v1/")
        yield client


def start(api: httpx.Client) -> str:
    by = {"agent": "worker", "expected_output": "Text"}
    crew = {
        "name": "Reviewed",
        "agents": [{"name": "worker", "role": "Worker", "goal": "Work"}],
        "tasks": [
            {"name": "t1", "description": "Do t1.", "human_input": True, **by},
            {"name": "t2", "description": "Do t2.", **by},
        ],
    }
    made = api.post("crews/", json=crew)
    assert made.status_code == 201, made.text
    return str(api.post("runs/", json={"crew": made.json()["id"]}).json()["id"])


def until(api: httpx.Client, run: str, status: str) -> dict[str, Any]:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found: dict[str, Any] = api.get(f"runs/{run}/").json()
        if found["status"] == status:
            return found
        time.sleep(0.1)
    raise AssertionError(f"It did not come to be {status}: {found}")


def test_another_process_goes_on_with_what_was_answered(
    live_stack: LiveStack, api: httpx.Client, model: FakeLLM
) -> None:
    run = start(api)
    until(api, run, "waiting")
    live_stack.kill_worker("crews")
    [question] = api.get(f"runs/{run}/questions/").json()["results"]
    assert question["draft"] == "t1, version 0."
    feedback = {"question": question["id"], "action": "feedback", "text": "Shorter."}
    assert api.post(f"runs/{run}/input/", json=feedback).json()["status"] == "queued"
    live_stack.start_worker("crews")
    until(api, run, "waiting")
    assert len(model.ledger()) == 2

    [again] = api.get("questions/?status=open").json()["results"]
    assert again["draft"] == "t1, version 1."
    assert api.post(f"runs/{run}/input/", json={"question": again["id"], "action": "approve"}).status_code == 202
    ended = until(api, run, "succeeded")
    assert ended["output"] == "t2, version 2."
    assert [asked_for(seen) for seen in model.ledger()] == ["t1", "t1", "t2"]
    assert ended["usage"]["prompt_tokens"] == 30
    events = api.get(f"runs/{run}/events/").json()
    assert [event["seq"] for event in events["results"]] == list(range(1, events["last_seq"] + 1))
