"""A worker dies in the middle of a run: the run goes on from the first unfinished task, and nothing happens twice."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from signal import Signals
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import redis
from celery import Celery

from tests import cast
from tests.runtimes.stage import asked_for
from tests.servers import clock
from tests.servers.live import LiveStack, database_away
from tests.servers.llm import Call, FakeLLM, Say, Seen
from tests.thorough import only_in_ci

pytestmark = pytest.mark.slow
TASKS = ("t1", "t2", "t3", "t4")


@pytest.fixture(scope="module")
def model() -> Iterator[FakeLLM]:
    with FakeLLM() as server:
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
    return ("crews", "beat")


@pytest.fixture
def api(live_stack: LiveStack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_stack.url, timeout=20) as client:
        body = {"email": "alice@acme.example", "password": cast.PASSWORD}
        token = client.post("/api/v1/auth/token/", json=body).json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.base_url = httpx.URL(f"{live_stack.url}/w/acme/api/v1/")
        yield client


def start(api: httpx.Client, name: str) -> str:
    crew = {
        "name": name,
        "agents": [{"name": "worker", "role": "Worker", "goal": "Work"}],
        "tasks": [
            {"name": task, "description": f"Do {task}. {name}.", "expected_output": "Text", "agent": "worker"}
            for task in TASKS
        ],
    }
    made = api.post("crews/", json=crew)
    assert made.status_code == 201, made.text
    return str(api.post("runs/", json={"crew": made.json()["id"]}).json()["id"])


def until(
    api: httpx.Client, run: str, done: Callable[[dict[str, Any]], bool], *, seconds: float = 60
) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found: dict[str, Any] = api.get(f"runs/{run}/").json()
        if done(found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"It did not come to it: {found}")


def answer_patiently(model: FakeLLM) -> None:
    """Each task gets its result; t3 takes its time, so that something can happen meanwhile."""
    model.reset()
    model.set_script(lambda seen: Say(f"Result of {asked_for(seen)}.", usage=(10, 5), delay=_patience(seen)))


def working_on(task: str, model: FakeLLM) -> Callable[[dict[str, Any]], bool]:
    """The task has begun, and the model was asked what it has to say to it."""

    def is_met(run: dict[str, Any]) -> bool:
        begun = any(work["task"] == task and work["status"] == "running" for work in run["agent_runs"])
        return begun and any(asked_for(seen) == task for seen in model.ledger())

    return is_met


def has_ended(run: dict[str, Any]) -> bool:
    return run["status"] not in {"queued", "running"}


@pytest.mark.parametrize("sign", [Signals.SIGKILL, Signals.SIGTERM])
def test_the_run_goes_on_after_its_last_finished_task(
    live_stack: LiveStack, api: httpx.Client, model: FakeLLM, sign: Signals
) -> None:
    answer_patiently(model)
    model.latency = 0.0
    run = start(api, f"Ends with {sign.name}")
    until(api, run, working_on("t3", model))
    live_stack.kill_worker("crews", sign)
    live_stack.start_worker("crews")
    ended = until(api, run, has_ended)

    assert (ended["status"], ended["stop_reason"], ended["output"]) == ("succeeded", "finished", "Result of t4.")
    asked = Counter(asked_for(seen) for seen in model.ledger())
    assert (asked["t1"], asked["t2"], asked["t4"]) == (1, 1, 1)
    assert asked["t3"] in {1, 2}
    attempts = [(work["task"], work["attempt"], work["status"]) for work in ended["agent_runs"]]
    assert [each for each in attempts if each[0] != "t3"] == [(task, 1, "succeeded") for task in ("t1", "t2", "t4")]
    assert attempts[-2][2] == "succeeded"
    assert ended["usage"]["prompt_tokens"] == 40
    events = api.get(f"runs/{run}/events/").json()
    assert [event["seq"] for event in events["results"]] == list(range(1, events["last_seq"] + 1))
    finished = [event["data"] for event in events["results"] if event["type"] == "agent.task"]
    assert [data["task"] for data in finished if data["status"] == "succeeded"] == list(TASKS)


def test_a_frozen_worker_that_wakes_up_writes_nothing(live_stack: LiveStack, api: httpx.Client, model: FakeLLM) -> None:
    answer_patiently(model)
    run = start(api, "Outlives a frozen worker")
    until(api, run, working_on("t3", model))
    frozen = live_stack.running["zombie"] = live_stack.running.pop("crews")
    os.kill(frozen[0].pid, Signals.SIGSTOP)
    live_stack.start_worker("crews")
    ended = until(api, run, has_ended)
    told = api.get(f"runs/{run}/events/").json()
    os.kill(frozen[0].pid, Signals.SIGCONT)
    time.sleep(2)
    assert api.get(f"runs/{run}/").json() == ended
    assert api.get(f"runs/{run}/events/").json() == told
    live_stack.kill_worker("zombie")
    assert ended["status"] == "succeeded"
    asked = Counter(asked_for(seen) for seen in model.ledger())
    assert (asked["t1"], asked["t2"], asked["t4"]) == (1, 1, 1)
    assert asked["t3"] in {1, 2}


def test_an_answer_on_record_is_not_paid_for_again(live_stack: LiveStack, api: httpx.Client, model: FakeLLM) -> None:
    model.reset()

    def script(seen: Seen) -> Say:
        if seen.messages[-1]["role"] == "tool":
            return Say("It is 42.", usage=(20, 5), delay=1.5)
        return Say(calls=[Call("calculator", {"expression": "6 * 7"})], usage=(10, 5))

    model.set_script(script)
    crew = {
        "name": "Uses a tool",
        "agents": [{"name": "worker", "role": "Worker", "goal": "Work", "tools": ["calculator"]}],
        "tasks": [{"name": "t1", "description": "Do t1.", "expected_output": "Text", "agent": "worker"}],
    }
    made = api.post("crews/", json=crew)
    assert made.status_code == 201, made.text
    run = str(api.post("runs/", json={"crew": made.json()["id"]}).json()["id"])
    end = time.monotonic() + 30
    while len(model.ledger()) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    live_stack.kill_worker("crews")
    live_stack.start_worker("crews")
    ended = until(api, run, has_ended)
    assert (ended["status"], ended["output"]) == ("succeeded", "It is 42.")
    turns = [seen.messages[-1]["role"] for seen in model.ledger()]
    assert turns.count("user") == 1, "the first answer was on record"
    assert turns.count("tool") == 2, "the second was under way"
    assert ended["usage"]["prompt_tokens"] == 30


def test_a_database_that_is_away_for_a_while_costs_nothing(
    live_stack: LiveStack, api: httpx.Client, model: FakeLLM
) -> None:
    """It goes while a model answers; the answer is stored when it is back, by the same worker."""
    answer_patiently(model)
    run = start(api, "Outlives the database")
    until(api, run, working_on("t3", model))
    with database_away(live_stack):
        time.sleep(2.5)
    ended = until(api, run, has_ended)
    assert (ended["status"], ended["output"]) == ("succeeded", "Result of t4.")
    assert Counter(asked_for(seen) for seen in model.ledger()) == dict.fromkeys(TASKS, 1)
    assert [(work["task"], work["attempt"]) for work in ended["agent_runs"]] == [(task, 1) for task in TASKS]


def test_redis_that_forgets_everything_and_dies_costs_nothing(
    live_stack: LiveStack, api: httpx.Client, model: FakeLLM
) -> None:
    """Emptied under one run, killed under it, and away while another one is started."""
    answer_patiently(model)
    run = start(api, "Outlives Redis")
    until(api, run, working_on("t3", model))
    redis.Redis.from_url(live_stack.redis_url).flushall()
    another: list[str] = []
    live_stack.restart("valkey", meanwhile=lambda: another.append(start(api, "Starts without Redis")))
    ended = [until(api, each, has_ended) for each in (run, *another)]
    assert [(each["status"], each["output"]) for each in ended] == [("succeeded", "Result of t4.")] * 2
    assert Counter(asked_for(seen) for seen in model.ledger()) == dict.fromkeys(TASKS, 2)
    assert [work["attempt"] for each in ended for work in each["agent_runs"]] == [1] * 8


def test_hints_that_come_a_hundred_times_and_late_do_nothing_twice(
    live_stack: LiveStack, api: httpx.Client, model: FakeLLM
) -> None:
    answer_patiently(model)
    run = start(api, "Is hinted at")
    hint(live_stack, times=50)
    until(api, run, working_on("t3", model))
    hint(live_stack, times=50)
    ended = until(api, run, has_ended)
    hint(live_stack, times=10)
    assert (ended["status"], ended["output"]) == ("succeeded", "Result of t4.")
    assert Counter(asked_for(seen) for seen in model.ledger()) == dict.fromkeys(TASKS, 1)
    time.sleep(1)
    assert api.get(f"runs/{run}/").json() == ended


@only_in_ci
def test_a_run_that_kills_its_workers_is_given_up_and_harms_no_other(
    live_stack: LiveStack, api: httpx.Client, model: FakeLLM
) -> None:
    deaths: list[float] = []

    def script(seen: Seen) -> Say:
        if asked_for(seen) == "t2" and "Poison" in str(seen.messages):
            deaths.append(time.monotonic())
            live_stack.kill_worker("crews")
            return Say("Too late.")
        return Say(f"Result of {asked_for(seen)}.")

    def has_died(times: int) -> bool:
        return len(deaths) == times and "crews" not in live_stack.running

    model.reset()
    model.set_script(script)
    poisoned, neighbour = start(api, "Poison"), start(api, "Neighbour")
    for nth in (1, 2, 3):
        wait_for(partial(has_died, nth))
        live_stack.start_worker("crews")
    ended = until(api, poisoned, has_ended)
    assert (ended["status"], ended["stop_reason"]) == ("failed", "worker_died")
    assert ended["stop_detail"] == "Its worker died 3 times; it will not be tried again."
    assert until(api, neighbour, has_ended)["output"] == "Result of t4."
    assert len(deaths) == 3


@pytest.mark.skipif(not clock.has_compiler(), reason="no C compiler to build the library that tells another time")
@pytest.mark.parametrize("minutes", [-10, pytest.param(10, marks=only_in_ci)])
def test_a_worker_whose_clock_is_wrong_takes_over_in_time_and_keeps_what_it_has(
    live_stack: LiveStack, api: httpx.Client, model: FakeLLM, tmp_path: Path, minutes: int
) -> None:
    """Its own keeper looks for dead workers' work every five seconds: by its own clock all leases have run out, or none ever does."""
    model.reset()
    model.set_script(lambda seen: Say(f"Result of {asked_for(seen)}.", delay=6.0 if asked_for(seen) == "t3" else 0.0))
    run = start(api, f"Goes on {minutes} minutes off")
    until(api, run, working_on("t3", model))
    live_stack.kill_worker("crews")
    live_stack.start_worker("crews", env=clock.shifted(tmp_path, minutes=minutes))
    ended = until(api, run, has_ended)
    assert (ended["status"], ended["output"]) == ("succeeded", "Result of t4.")
    asked = Counter(asked_for(seen) for seen in model.ledger())
    assert asked == {"t1": 1, "t2": 1, "t3": 2, "t4": 1}
    assert [work["attempt"] for work in ended["agent_runs"]] == [1, 1, 1, 2, 1]
    began, finished = (datetime.fromisoformat(ended[name]) for name in ("started_at", "finished_at"))
    assert timedelta(0) < finished - began < timedelta(minutes=2)
    by_its_clock = datetime.fromisoformat(ended["agent_runs"][-1]["started_at"])
    assert abs(by_its_clock - finished - timedelta(minutes=minutes)) < timedelta(minutes=2), "its clock was right"


def hint(stack: LiveStack, *, times: int) -> None:
    """Hints as the product sends them: to runners, and through Celery."""
    app = Celery(broker=f"redis+socket://{urlsplit(stack.redis_url).path}?virtual_host=0", set_as_current=False)
    with redis.Redis.from_url(stack.redis_url) as wire, app.connection_for_write() as connection:
        for _ in range(times):
            wire.publish("guildhall.work.crews", "crew")
            app.send_task("work.next", kwargs={"kind": "crew"}, queue="crews", connection=connection)


def wait_for(met: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "It did not come to it."
        time.sleep(0.05)


def _patience(seen: Seen) -> float:
    return 1.5 if asked_for(seen) == "t3" else 0.0
