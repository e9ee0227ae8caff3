"""A worker process is killed in the middle of a play by models: another goes on to the same end, and pays for nothing twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from signal import SIGKILL
from typing import Any

import httpx
import pytest

from tests import cast
from tests.servers.live import LiveStack, database_away
from tests.servers.llm import FakeLLM, Say, Seen
from tests.simulations.playing.conftest import most_move

pytestmark = pytest.mark.slow
TOWN = {"size": 20, "density": 0.9, "threshold": 0.7}
LATENCY = 0.1


@pytest.fixture(scope="module")
def model() -> Iterator[FakeLLM]:
    with FakeLLM(most_move) as server:
        yield server


@pytest.fixture(scope="module")
def live_env(model: FakeLLM) -> dict[str, str]:
    return {
        "OPENAI_BASE_URL": model.openai_url,
        "OPENAI_MODEL": "fake-1",
        "LEASE_SECONDS": "3",
        "HEARTBEAT_SECONDS": "0.5",
    }


@pytest.fixture(scope="module")
def live_services() -> Sequence[str]:
    return ("simulations", "beat")


@pytest.fixture
def api(live_stack: LiveStack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_stack.url, timeout=20) as client:
        body = {"email": "alice@acme.example", "password": cast.PASSWORD}
        token = client.post("/api/v1/auth/token/", json=body).json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.base_url = httpx.URL(f"{live_stack.url}/w/acme/api/v1/")
        yield client


def town(api: httpx.Client, name: str, wish: float = 0.7) -> str:
    """A scenario of its own digest: nothing that another test paid for is known in it."""
    made = api.post("scenarios/", json={"key": "schelling", "name": name, "parameters": {**TOWN, "threshold": wish}})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def begin(api: httpx.Client, scenario: str, **settings: Any) -> str:
    body = {"scenario": scenario, "policy": "llm", "seed": 11, "steps": 12, "pace": 8, **settings}
    made = api.post("simulations/", json=body)
    assert made.status_code == 202, made.text
    return str(made.json()["id"])


def until(
    api: httpx.Client, simulation: str, done: Callable[[dict[str, Any]], bool], *, seconds: float = 60
) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found: dict[str, Any] = api.get(f"simulations/{simulation}/").json()
        if done(found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"It did not come to it: {found}")


def has_ended(simulation: dict[str, Any]) -> bool:
    return simulation["status"] not in {"ready", "running"}


def slowly(_: Seen) -> Say:
    return Say(most_move(_).text, usage=(100, 10), delay=LATENCY)


def question(seen: Seen) -> str:
    return str(seen.messages[-1]["content"])


def test_another_worker_comes_to_the_same_end_and_pays_for_nothing_twice(
    live_stack: LiveStack, api: httpx.Client, model: FakeLLM
) -> None:
    model.reset()
    model.set_script(slowly)
    simulation = begin(api, town(api, "Killed"))
    step = random.randint(0, 6)
    until(api, simulation, lambda found: found["step"] >= step and len(model.ledger()) > 3)
    killed_at = time.time()
    live_stack.kill_worker("simulations")
    live_stack.start_worker("simulations")
    ended = until(api, simulation, has_ended)
    assert (ended["status"], ended["step"]) == ("completed", 12), ended["stop_detail"]
    assert paid_twice(model) <= under_way(model, killed_at)

    calls = len(model.ledger())
    again = until(api, begin(api, ended["scenario"], pace=0), has_ended)
    assert (again["digest"], again["metrics"]) == (ended["digest"], ended["metrics"])
    assert again["llm_calls"] == 0
    assert len(model.ledger()) == calls


def test_a_killed_child_is_replaced_and_the_play_goes_on(
    live_stack: LiveStack, api: httpx.Client, model: FakeLLM
) -> None:
    """Plays go on in a child of the worker; its parent starts another and nobody else has to."""
    model.reset()
    model.set_script(slowly)
    parent = live_stack.pid("simulations")
    simulation = begin(api, town(api, "Its child is killed", 0.65))
    until(api, simulation, lambda found: found["step"] >= 2)
    [child] = children_of(parent)
    os.kill(child, SIGKILL)
    killed_at = time.time()
    ended = until(api, simulation, has_ended)
    assert (ended["status"], ended["step"]) == ("completed", 12), ended["stop_detail"]
    assert live_stack.pid("simulations") == parent
    assert len(children_of(parent)) == 1
    assert children_of(parent) != [child]
    assert paid_twice(model) <= under_way(model, killed_at)


def paid_twice(model: FakeLLM) -> set[str]:
    asked = Counter(question(seen) for seen in model.ledger())
    return {text for text, times in asked.items() if times > 1}


def under_way(model: FakeLLM, moment: float) -> set[str]:
    return {question(seen) for seen in model.ledger() if moment - 2 * LATENCY - 0.2 < seen.at <= moment}


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_database_that_is_away_for_a_while_costs_nothing(
    live_stack: LiveStack, api: httpx.Client, model: FakeLLM
) -> None:
    model.reset()
    model.set_script(slowly)
    simulation = begin(api, town(api, "Outlives the database", 0.6))
    until(api, simulation, lambda found: found["step"] >= 2)
    with database_away(live_stack):
        time.sleep(2)
    ended = until(api, simulation, has_ended)
    assert (ended["status"], ended["step"]) == ("completed", 12), ended["stop_detail"]
    again = until(api, begin(api, ended["scenario"], pace=0), has_ended)
    assert again["digest"] == ended["digest"]
