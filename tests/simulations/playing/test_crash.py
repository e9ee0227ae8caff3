"""A worker process is killed in the middle of a play by models: another goes on to the same end, and pays for nothing twice."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from signal import SIGKILL
from typing import Any

import httpx
import psycopg
import pytest

from tests.servers.live import LiveStack, database_away
from tests.servers.llm import FakeLLM, Say, Seen
from tests.servers.waiting import wait_for
from tests.simulations.playing.conftest import most_move

pytestmark = pytest.mark.slow
TOWN = {"size": 20, "density": 0.9, "threshold": 0.7}
PAID = """
SELECT exchange->>'prompt' FROM t_acme.simulations_answer
WHERE scenario_digest = (SELECT scenario_digest FROM t_acme.simulations_simulation WHERE id = %s)"""


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


def until(api: httpx.Client, simulation: str, done: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def came() -> bool:
        nonlocal found
        found = api.get(f"simulations/{simulation}/").json()
        return done(found)

    wait_for(came, otherwise=lambda: f"It did not come to it: {found}")
    return found


def has_ended(simulation: dict[str, Any]) -> bool:
    return simulation["status"] not in {"ready", "running"}


class Halting:
    """Answers the first `most` questions, and lets the others wait until it goes on."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.goes_on = threading.Event()

    def __call__(self, seen: Seen) -> Say:
        if seen.number >= self.most:
            self.goes_on.wait(120)
        return most_move(seen)


def question(seen: Seen) -> str:
    return str(seen.messages[-1]["content"])


def paid(stack: LiveStack, simulation: str) -> set[str]:
    """The questions whose answers are stored, so that nobody has to pay for them again."""
    with psycopg.connect(stack.database_url) as database:
        return {row[0] for row in database.execute(PAID, [simulation])}


def paid_twice(model: FakeLLM) -> set[str]:
    asked = Counter(question(seen) for seen in model.ledger())
    return {text for text, times in asked.items() if times > 1}


def test_another_worker_comes_to_the_same_end_and_pays_for_nothing_twice(
    live_stack: LiveStack, live_api: httpx.Client, model: FakeLLM
) -> None:
    """It is killed within a step: some answers of it have come, others are under way."""
    model.reset()
    model.set_script(halting := Halting(3))
    simulation = begin(live_api, town(live_api, "Killed"))
    wait_for(lambda: len(paid(live_stack, simulation)) == halting.most < len(model.ledger()))
    live_stack.kill_worker("simulations")
    answered = {question(seen) for seen in model.ledger()[: halting.most]}
    assert paid(live_stack, simulation) == answered
    halting.goes_on.set()
    live_stack.start_worker("simulations")
    ended = until(live_api, simulation, has_ended)
    assert (ended["status"], ended["step"]) == ("completed", 12), ended["stop_detail"]
    assert paid_twice(model) & answered == set()

    calls = len(model.ledger())
    again = until(live_api, begin(live_api, ended["scenario"], pace=0), has_ended)
    assert (again["digest"], again["metrics"]) == (ended["digest"], ended["metrics"])
    assert again["llm_calls"] == 0
    assert len(model.ledger()) == calls


def test_a_killed_child_is_replaced_and_the_play_goes_on(
    live_stack: LiveStack, live_api: httpx.Client, model: FakeLLM
) -> None:
    """Plays go on in a child of the worker; its parent starts another and nobody else has to."""
    model.reset()
    model.set_script(most_move)
    parent = live_stack.pid("simulations")
    simulation = begin(live_api, town(live_api, "Its child is killed", 0.65))
    until(live_api, simulation, lambda found: found["step"] >= 2)
    [child] = children_of(parent)
    answered = paid(live_stack, simulation)
    os.kill(child, SIGKILL)
    ended = until(live_api, simulation, has_ended)
    assert (ended["status"], ended["step"]) == ("completed", 12), ended["stop_detail"]
    assert live_stack.pid("simulations") == parent
    assert len(children_of(parent)) == 1
    assert children_of(parent) != [child]
    assert answered
    assert paid_twice(model) & answered == set()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_database_that_is_away_for_a_while_costs_nothing(
    live_stack: LiveStack, live_api: httpx.Client, model: FakeLLM
) -> None:
    model.reset()
    model.set_script(most_move)
    simulation = begin(live_api, town(live_api, "Outlives the database", 0.6))
    until(live_api, simulation, lambda found: found["step"] >= 2)
    with database_away(live_stack):
        time.sleep(2)
    ended = until(live_api, simulation, has_ended)
    assert (ended["status"], ended["step"]) == ("completed", 12), ended["stop_detail"]
    again = until(live_api, begin(live_api, ended["scenario"], pace=0), has_ended)
    assert again["digest"] == ended["digest"]


def test_redis_that_is_away_costs_nothing(live_stack: LiveStack, live_api: httpx.Client, model: FakeLLM) -> None:
    """A play that is under way comes to its end without it; one that is begun meanwhile is played once it is back."""
    model.reset()
    model.set_script(halting := Halting(1))
    first, later = (
        begin(live_api, town(live_api, "Outlives Redis", 0.55), pace=0),
        town(live_api, "Begun without Redis", 0.45),
    )
    wait_for(lambda: len(model.ledger()) > 1)
    ended, second = {}, ""

    def meanwhile() -> None:
        nonlocal ended, second
        halting.goes_on.set()
        ended = until(live_api, first, has_ended)
        second = begin(live_api, later, pace=0, steps=3)

    live_stack.restart("valkey", meanwhile=meanwhile)
    assert (ended["status"], ended["step"]) == ("completed", 12), ended["stop_detail"]
    assert paid_twice(model) & paid(live_stack, first) == set()
    assert until(live_api, second, has_ended)["status"] == "completed"
    again = until(live_api, begin(live_api, ended["scenario"], pace=0), has_ended)
    assert (again["digest"], again["llm_calls"]) == (ended["digest"], 0)
