"""A worker dies in the middle of a run: the run goes on from the first unfinished task, and nothing happens twice."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
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

from tests.runtimes.stage import asked_for
from tests.servers import clock
from tests.servers.live import LiveStack, database_away, leases_run_out
from tests.servers.llm import Call, FakeLLM, Say, Seen
from tests.servers.stacks import until
from tests.servers.waiting import wait_for
from tests.thorough import only_in_ci

pytestmark = pytest.mark.slow
TASKS = ("t1", "t2", "t3", "t4")


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


@pytest.fixture
def go_on(live_model: FakeLLM) -> threading.Event:
    """Each task gets its result, but t3 only when this is set: so that something can happen meanwhile, however long it takes."""
    held = threading.Event()

    def script(seen: Seen) -> Say:
        task = asked_for(seen)
        return Say(f"Result of {task}.", usage=(10, 5), until=held if task == "t3" else None)

    live_model.set_script(script)
    return held


def until_t3_is_asked(api: httpx.Client, model: FakeLLM, run: str) -> None:
    """Until the task has begun, and the model was asked what it has to say to it."""

    def is_met(found: dict[str, Any]) -> bool:
        begun = any(work["task"] == "t3" and work["status"] == "running" for work in found["agent_runs"])
        return begun and any(asked_for(seen) == "t3" for seen in model.ledger())

    until(api, f"runs/{run}/", is_met)


def the_end_of(run: str, api: httpx.Client) -> dict[str, Any]:
    return until(api, f"runs/{run}/", has_ended)


def has_ended(run: dict[str, Any]) -> bool:
    return run["status"] not in {"queued", "running"}


@pytest.mark.parametrize("sign", [Signals.SIGKILL, Signals.SIGTERM])
def test_the_run_goes_on_after_its_last_finished_task(
    live_stack: LiveStack, live_api: httpx.Client, live_model: FakeLLM, go_on: threading.Event, sign: Signals
) -> None:
    run = start(live_api, f"Ends with {sign.name}")
    until_t3_is_asked(live_api, live_model, run)
    if sign is Signals.SIGTERM:
        threading.Timer(0.5, go_on.set).start()  # who is asked to stop lets its calls come to their answer
    live_stack.kill_worker("crews", sign)
    leases_run_out(live_stack)
    go_on.set()
    live_stack.start_worker("crews")
    ended = the_end_of(run, live_api)

    assert (ended["status"], ended["stop_reason"], ended["output"]) == ("succeeded", "finished", "Result of t4.")
    asked = Counter(asked_for(seen) for seen in live_model.ledger())
    assert (asked["t1"], asked["t2"], asked["t4"]) == (1, 1, 1)
    assert asked["t3"] in {1, 2}
    attempts = [(work["task"], work["attempt"], work["status"]) for work in ended["agent_runs"]]
    assert [each for each in attempts if each[0] != "t3"] == [(task, 1, "succeeded") for task in ("t1", "t2", "t4")]
    assert attempts[-2][2] == "succeeded"
    assert ended["usage"]["prompt_tokens"] == 40
    events = live_api.get(f"runs/{run}/events/").json()
    assert [event["seq"] for event in events["results"]] == list(range(1, events["last_seq"] + 1))
    finished = [event["data"] for event in events["results"] if event["type"] == "agent.task"]
    assert [data["task"] for data in finished if data["status"] == "succeeded"] == list(TASKS)


def test_a_frozen_worker_that_wakes_up_writes_nothing(
    live_stack: LiveStack, live_api: httpx.Client, live_model: FakeLLM, go_on: threading.Event
) -> None:
    run = start(live_api, "Outlives a frozen worker")
    until_t3_is_asked(live_api, live_model, run)
    frozen = live_stack.running["zombie"] = live_stack.running.pop("crews")
    os.kill(frozen[0].pid, Signals.SIGSTOP)
    leases_run_out(live_stack)
    go_on.set()
    live_stack.start_worker("crews")
    ended = the_end_of(run, live_api)
    told = live_api.get(f"runs/{run}/events/").json()
    os.kill(frozen[0].pid, Signals.SIGCONT)
    time.sleep(2)
    assert live_api.get(f"runs/{run}/").json() == ended
    assert live_api.get(f"runs/{run}/events/").json() == told
    live_stack.kill_worker("zombie")
    assert ended["status"] == "succeeded"
    asked = Counter(asked_for(seen) for seen in live_model.ledger())
    assert (asked["t1"], asked["t2"], asked["t4"]) == (1, 1, 1)
    assert asked["t3"] in {1, 2}


def test_an_answer_on_record_is_not_paid_for_again(
    live_stack: LiveStack, live_api: httpx.Client, live_model: FakeLLM
) -> None:
    go_on = threading.Event()

    def script(seen: Seen) -> Say:
        if seen.messages[-1]["role"] == "tool":
            return Say("It is 42.", usage=(20, 5), until=go_on)
        return Say(calls=[Call("calculator", {"expression": "6 * 7"})], usage=(10, 5))

    live_model.set_script(script)
    crew = {
        "name": "Uses a tool",
        "agents": [{"name": "worker", "role": "Worker", "goal": "Work", "tools": ["calculator"]}],
        "tasks": [{"name": "t1", "description": "Do t1.", "expected_output": "Text", "agent": "worker"}],
    }
    made = live_api.post("crews/", json=crew)
    assert made.status_code == 201, made.text
    run = str(live_api.post("runs/", json={"crew": made.json()["id"]}).json()["id"])
    wait_for(lambda: len(live_model.ledger()) == 2)
    live_stack.kill_worker("crews")
    leases_run_out(live_stack)
    go_on.set()
    live_stack.start_worker("crews")
    ended = the_end_of(run, live_api)
    assert (ended["status"], ended["output"]) == ("succeeded", "It is 42.")
    turns = [seen.messages[-1]["role"] for seen in live_model.ledger()]
    assert turns.count("user") == 1, "the first answer was on record"
    assert turns.count("tool") == 2, "the second was under way"
    assert ended["usage"]["prompt_tokens"] == 30


def test_a_database_that_is_away_for_a_while_costs_nothing(
    live_stack: LiveStack, live_api: httpx.Client, live_model: FakeLLM, go_on: threading.Event
) -> None:
    """It goes before a model answers; the answer is stored when it is back, by the same worker."""
    run = start(live_api, "Outlives the database")
    until_t3_is_asked(live_api, live_model, run)
    with database_away(live_stack):
        go_on.set()
        time.sleep(2)
    ended = the_end_of(run, live_api)
    assert (ended["status"], ended["output"]) == ("succeeded", "Result of t4.")
    assert Counter(asked_for(seen) for seen in live_model.ledger()) == dict.fromkeys(TASKS, 1)
    assert [(work["task"], work["attempt"]) for work in ended["agent_runs"]] == [(task, 1) for task in TASKS]


def test_redis_that_forgets_everything_and_dies_costs_nothing(
    live_stack: LiveStack, live_api: httpx.Client, live_model: FakeLLM, go_on: threading.Event
) -> None:
    """Emptied under one run, killed under it, and away while another one is started."""
    run = start(live_api, "Outlives Redis")
    until_t3_is_asked(live_api, live_model, run)
    redis.Redis.from_url(live_stack.redis_url).flushall()
    another: list[str] = []
    live_stack.restart("valkey", meanwhile=lambda: another.append(start(live_api, "Starts without Redis")))
    go_on.set()
    ended = [the_end_of(each, live_api) for each in (run, *another)]
    assert [(each["status"], each["output"]) for each in ended] == [("succeeded", "Result of t4.")] * 2
    assert Counter(asked_for(seen) for seen in live_model.ledger()) == dict.fromkeys(TASKS, 2)
    assert [work["attempt"] for each in ended for work in each["agent_runs"]] == [1] * 8


def test_hints_that_come_a_hundred_times_and_late_do_nothing_twice(
    live_stack: LiveStack, live_api: httpx.Client, live_model: FakeLLM, go_on: threading.Event
) -> None:
    run = start(live_api, "Is hinted at")
    hint(live_stack, times=50)
    until_t3_is_asked(live_api, live_model, run)
    hint(live_stack, times=50)
    go_on.set()
    ended = the_end_of(run, live_api)
    hint(live_stack, times=10)
    assert (ended["status"], ended["output"]) == ("succeeded", "Result of t4.")
    assert Counter(asked_for(seen) for seen in live_model.ledger()) == dict.fromkeys(TASKS, 1)
    time.sleep(1)
    assert live_api.get(f"runs/{run}/").json() == ended


@only_in_ci
def test_a_run_that_kills_its_workers_is_given_up_and_harms_no_other(
    live_stack: LiveStack, live_api: httpx.Client, live_model: FakeLLM
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

    live_model.set_script(script)
    poisoned, neighbour = start(live_api, "Poison"), start(live_api, "Neighbour")
    for nth in (1, 2, 3):
        wait_for(partial(has_died, nth))
        leases_run_out(live_stack)
        live_stack.start_worker("crews")
    ended = the_end_of(poisoned, live_api)
    assert (ended["status"], ended["stop_reason"]) == ("failed", "worker_died")
    assert ended["stop_detail"] == "Its worker died 3 times; it will not be tried again."
    assert the_end_of(neighbour, live_api)["output"] == "Result of t4."
    assert len(deaths) == 3


@pytest.mark.skipif(not clock.has_compiler(), reason="no C compiler to build the library that tells another time")
@pytest.mark.parametrize("minutes", [-10, pytest.param(10, marks=only_in_ci)])
def test_a_worker_whose_clock_is_wrong_takes_over_in_time_and_keeps_what_it_has(
    live_stack: LiveStack, live_api: httpx.Client, live_model: FakeLLM, tmp_path: Path, minutes: int
) -> None:
    """Its own keeper looks for dead workers' work every five seconds: by its own clock all leases have run out, or none ever does."""
    live_model.set_script(
        lambda seen: Say(f"Result of {asked_for(seen)}.", delay=6.0 if asked_for(seen) == "t3" else 0.0)
    )
    run = start(live_api, f"Goes on {minutes} minutes off")
    until_t3_is_asked(live_api, live_model, run)
    live_stack.kill_worker("crews")
    leases_run_out(live_stack)
    live_stack.start_worker("crews", env=clock.shifted(tmp_path, minutes=minutes))
    ended = the_end_of(run, live_api)
    assert (ended["status"], ended["output"]) == ("succeeded", "Result of t4.")
    asked = Counter(asked_for(seen) for seen in live_model.ledger())
    assert asked == {"t1": 1, "t2": 1, "t3": 2, "t4": 1}
    assert [work["attempt"] for work in ended["agent_runs"]] == [1, 1, 1, 2, 1]
    began, finished = (datetime.fromisoformat(ended[name]) for name in ("started_at", "finished_at"))
    assert timedelta(0) < finished - began < timedelta(minutes=4)
    by_its_clock = datetime.fromisoformat(ended["agent_runs"][-1]["started_at"])
    assert abs(by_its_clock - finished - timedelta(minutes=minutes)) < timedelta(minutes=4), "its clock was right"
    live_stack.kill_worker("crews")
    live_stack.start_worker("crews")  # whoever comes next finds one whose clock is right


def hint(stack: LiveStack, *, times: int) -> None:
    """Hints as the product sends them: to runners, and through Celery."""
    app = Celery(broker=f"redis+socket://{urlsplit(stack.redis_url).path}?virtual_host=0", set_as_current=False)
    with redis.Redis.from_url(stack.redis_url) as wire, app.connection_for_write() as connection:
        for _ in range(times):
            wire.publish("guildhall.work.crews", "crew")
            app.send_task("work.next", kwargs={"kind": "crew"}, queue="crews", connection=connection)
