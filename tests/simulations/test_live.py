"""Simulations in real processes: a worker, a socket, a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from websockets.sync.client import connect

from simulations.engine import HybridSimulationEngine
from simulations.engine.frames import decode
from simulations.scenarios import catalogue
from tests.cast import PASSWORD
from tests.servers.live import LiveStack
from tests.servers.waiting import wait_for
from tests.simulations.plays import digests

pytestmark = pytest.mark.slow
API = "/w/acme/api/v1"
LATER = "UPDATE work_workitem SET lease_until = now() WHERE object_id = %s AND state = 'running'"  # 20 s later
SLOW = 0.5  # steps a second: whoever wants to do something in the middle of a play has time for it


@pytest.fixture(scope="module")
def token(live_stack: LiveStack) -> str:
    sent = {"email": "alice@acme.example", "password": PASSWORD}
    return str(httpx.post(f"{live_stack.url}/api/v1/auth/token/", json=sent, timeout=120).json()["access"])


@pytest.fixture
def api(live_stack: LiveStack, token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{live_stack.url}{API}", headers=headers, timeout=120) as client:
        yield client


def begin(api: httpx.Client, **settings: Any) -> dict[str, Any]:
    scenario = api.post("/scenarios/", json={"key": "schelling"}).json()["id"]
    answer = api.post("/simulations/", json={"scenario": scenario, "seed": 3, **settings})
    assert answer.status_code == 202
    made: dict[str, Any] = answer.json()
    return made


def come_to(api: httpx.Client, simulation: str, step: int = 10**9) -> dict[str, Any]:
    """The simulation as soon as it has come to `step`, or has ended."""
    shown: dict[str, Any] = {}

    def came() -> bool:
        shown.update(api.get(f"/simulations/{simulation}/").json())
        return bool(shown["step"] >= step or shown["finished_at"])

    wait_for(came, otherwise=lambda: f"It came to step {shown['step']} only: {shown['status']}")
    return shown


def alone(parameters: dict[str, Any], steps: int) -> list[str]:
    with HybridSimulationEngine(catalogue()["schelling"], seed=3, parameters=parameters) as engine:
        return digests(engine, steps)


def test_every_step_comes_over_the_socket_once_and_in_order(
    live_stack: LiveStack, api: httpx.Client, token: str
) -> None:
    made = begin(api, parameters={"threshold": 0.5}, steps=25, pace=20)
    topic = f"simulation:{made['id']}"
    heard: list[dict[str, Any]] = []
    pictures: list[bytes] = []
    with connect(
        f"{live_stack.ws_url}/w/acme/ws/",
        subprotocols=["bearer", token],  # type: ignore[list-item]
        open_timeout=120,
        ping_timeout=120,
    ) as socket:
        socket.send(json.dumps({"action": "subscribe", "topic": topic, "after": 0}))
        while not heard or heard[-1].get("data", {}).get("status") != "completed":
            said = socket.recv(timeout=120)
            if isinstance(said, bytes):
                pictures.append(said)
            else:
                heard.append(json.loads(said))
    numbered = [message for message in heard if message.get("seq")]
    assert [message["seq"] for message in numbered] == list(range(1, len(numbered) + 1))
    frames = [message["data"] for message in numbered if message["type"] == "simulation.frame"]
    expected = alone({"threshold": 0.5}, 25)
    assert [frame["digest"] for frame in frames] == expected
    assert api.get(f"/simulations/{made['id']}/").json()["digest"] == expected[-1]
    begins = b"\x01" + len(topic).to_bytes(2, "little") + topic.encode()
    assert all(picture.startswith(begins) for picture in pictures)
    shown = [decode(picture[len(begins) + 4 :]).step for picture in pictures]
    assert 1 <= len(shown) <= 26
    assert shown == sorted(set(shown))


def test_kill_9_in_the_middle_and_another_worker_comes_to_the_same_end(
    live_stack: LiveStack, api: httpx.Client
) -> None:
    parameters = {"threshold": 0.75, "density": 0.9}
    made = begin(api, parameters=parameters, steps=60, pace=SLOW)
    come_to(api, made["id"], step=1)
    live_stack.kill_worker("simulations")
    with psycopg.connect(live_stack.database_url, autocommit=True) as database:
        assert database.execute(LATER, [made["id"]]).rowcount == 1
    stopped = api.get(f"/simulations/{made['id']}/").json()
    assert (stopped["status"], stopped["finished_at"]) == ("running", None)
    api.patch(f"/simulations/{made['id']}/", json={"pace": 0})
    live_stack.start_worker("simulations")
    last = come_to(api, made["id"])
    frames = api.get(f"/simulations/{made['id']}/frames/").json()["frames"]
    assert last["status"] == "completed"
    assert [frame["digest"] for frame in frames] == alone(parameters, 60)
    assert [frame["step"] for frame in frames] == list(range(61))


def test_pause_and_resume_while_a_worker_plays(live_stack: LiveStack, api: httpx.Client) -> None:
    parameters = {"threshold": 0.75, "density": 0.9}
    made = begin(api, parameters=parameters, steps=40, pace=SLOW)
    come_to(api, made["id"], step=1)
    paused = api.post(f"/simulations/{made['id']}/pause/").json()
    with psycopg.connect(live_stack.database_url, autocommit=True) as database:
        wait_for(lambda: is_done(database, made["id"]), otherwise=lambda: "Its worker went on with it.")
    still = api.get(f"/simulations/{made['id']}/").json()
    assert (still["status"], still["step"]) == ("paused", paused["step"])
    api.patch(f"/simulations/{made['id']}/", json={"pace": 0})
    assert api.post(f"/simulations/{made['id']}/resume/").status_code == 202
    last = come_to(api, made["id"])
    assert (last["status"], last["digest"]) == ("completed", alone(parameters, 40)[-1])


def is_done(database: psycopg.Connection, simulation: str) -> bool:
    """Whether no worker has it any more."""
    found = database.execute("SELECT state FROM work_workitem WHERE object_id = %s", [simulation]).fetchall()
    return found == [("done",)]
