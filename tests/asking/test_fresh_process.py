"""The worker that asked is gone when the answer comes: another process goes on, and pays for nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.runtimes.stage import asked_for
from tests.servers.live import LiveStack
from tests.servers.llm import FakeLLM, Say
from tests.servers.stacks import until

pytestmark = pytest.mark.slow


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


def stands(status: str) -> Callable[[dict[str, Any]], bool]:
    return lambda run: bool(run["status"] == status)


def test_another_process_goes_on_with_what_was_answered(
    live_stack: LiveStack, live_api: httpx.Client, live_model: FakeLLM
) -> None:
    live_model.set_script(lambda seen: Say(f"{asked_for(seen)}, version {seen.number}.", usage=(10, 5)))
    run = start(live_api)
    until(live_api, f"runs/{run}/", stands("waiting"))
    live_stack.kill_worker("crews")
    [question] = live_api.get(f"runs/{run}/questions/").json()["results"]
    assert question["draft"] == "t1, version 0."
    feedback = {"question": question["id"], "action": "feedback", "text": "Shorter."}
    assert live_api.post(f"runs/{run}/input/", json=feedback).json()["status"] == "queued"
    live_stack.start_worker("crews")
    until(live_api, f"runs/{run}/", stands("waiting"))
    assert len(live_model.ledger()) == 2

    [again] = live_api.get("questions/?status=open").json()["results"]
    assert again["draft"] == "t1, version 1."
    assert live_api.post(f"runs/{run}/input/", json={"question": again["id"], "action": "approve"}).status_code == 202
    ended = until(live_api, f"runs/{run}/", stands("succeeded"))
    assert ended["output"] == "t2, version 2."
    assert [asked_for(seen) for seen in live_model.ledger()] == ["t1", "t1", "t2"]
    assert ended["usage"]["prompt_tokens"] == 30
    events = live_api.get(f"runs/{run}/events/").json()
    assert [event["seq"] for event in events["results"]] == list(range(1, events["last_seq"] + 1))
