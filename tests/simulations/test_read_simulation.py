"""Lists, pictures, numbers and messages of plays."""

from __future__ import annotations

import csv
from base64 import b64decode
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.realtime import topics
from simulations import queries
from simulations.engine.frames import Screen
from simulations.models import Simulation
from tenants.access import Member
from tenants.errors import NotFound
from tenants.models import User
from tests.conftest import ApiOf
from tests.simulations.conftest import Begin, work
from tests.simulations.plays import play

LIST = "/w/acme/api/v1/simulations/"


@pytest.fixture
def played(begin: Begin) -> Simulation:
    simulation = begin(steps=60)
    work()
    simulation.refresh_from_db()
    return simulation


def test_plays_are_listed_and_filtered(api_of: ApiOf, alice: User, begin: Begin) -> None:
    done = begin()
    work()
    waiting = begin(start=False)
    client = api_of(alice)
    assert [each["id"] for each in client.get(LIST).json()["results"]] == [str(waiting.pk), str(done.pk)]
    only = client.get(LIST, {"status": "completed", "scenario": str(done.scenario_id)}).json()["results"]
    assert [each["id"] for each in only] == [str(done.pk)]
    assert client.get(LIST, {"scenario": str(uuid4())}).json()["results"] == []
    for bad in ({"status": "asleep"}, {"scenario": "x"}, {"colour": "red"}):
        assert client.get(LIST, bad).status_code == 400


def test_the_list_costs_the_same_however_long(api_of: ApiOf, alice: User, begin: Begin) -> None:
    client = api_of(alice)
    begin(start=False)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for _ in range(5):
        begin(start=False)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(LIST).json()["results"]) == 6
    assert len(many) == len(one)
    assert not any("checkpoint" in query["sql"] for query in many)


@pytest.mark.parametrize(
    ("asked", "steps"),
    [
        ({}, range(61)),
        ({"from": 7, "to": 9}, range(10)),
        ({"from": 50}, range(50, 61)),
        ({"from": 55, "to": 57}, range(50, 58)),
        ({"from": 900}, range(50, 61)),
        ({"to": 0}, range(1)),
    ],
)
def test_pictures_begin_at_the_keyframe_before(
    asked: dict[str, Any], steps: range, api_of: ApiOf, alice: User, played: Simulation
) -> None:
    shown = api_of(alice).get(f"{LIST}{played.pk}/frames/", asked).json()
    assert [frame["step"] for frame in shown["frames"]] == list(steps)
    assert shown["frames"][0]["kind"] == "keyframe"
    assert shown["next"] is None


def test_the_pictures_are_the_engines(api_of: ApiOf, alice: User, played: Simulation) -> None:
    frames = api_of(alice).get(f"{LIST}{played.pk}/frames/").json()["frames"]
    with play(seed=played.seed, **played.parameters) as engine:
        screen = Screen()
        for frame in frames:
            assert screen.show(b64decode(frame["picture"]))
            assert screen.columns[0].tolist() == engine.world.state["place"].tolist()
            assert frame["metrics"] == engine.latest.metrics
            assert frame["digest"] == engine.latest.digest
            engine.run_now(engine.step_number + 1)


def test_hello_says_what_the_frames_hold(api_of: ApiOf, alice: User, played: Simulation, begin: Begin) -> None:
    told = api_of(alice).get(f"{LIST}{played.pk}/hello/").json()
    assert (told["rows"], told["space"]["width"], told["stride"]) == (360, 20, 1)
    assert (told["columns"][0]["name"], told["columns"][0]["type"]) == ("place", "i2")
    assert api_of(alice).get(f"{LIST}{begin(start=False).pk}/hello/").status_code == 404


def test_many_pictures_come_in_parts(played: Simulation) -> None:
    whole = queries.pictures(played, start=0, end=None)
    size = sum(len(b64decode(frame["picture"])) for frame in whole.frames) // 4
    parts, start = [], 0
    while True:
        part = queries.pictures(played, start=start, end=None, most_bytes=size)
        parts.append([frame["step"] for frame in part.frames if frame["step"] >= start])
        if part.next is None:
            break
        assert part.next > start
        start = part.next
    assert [step for part in parts for step in part] == [frame["step"] for frame in whole.frames]
    assert len(parts) >= 3


@pytest.mark.parametrize("asked", [{"from": "-1"}, {"to": "x"}, {"from": "1e3"}, {"seq": "1"}, {"from": "9" * 30}])
def test_steps_that_are_no_numbers_are_refused(
    asked: dict[str, str], api_of: ApiOf, alice: User, simulation: Simulation
) -> None:
    assert api_of(alice).get(f"{LIST}{simulation.pk}/frames/", asked).status_code == 400


@pytest.mark.parametrize("accept", ["*/*", "text/csv", "application/json"])
def test_the_numbers_of_every_step_as_csv(accept: str, api_of: ApiOf, alice: User, played: Simulation) -> None:
    answer = api_of(alice).get(f"{LIST}{played.pk}/data.csv", HTTP_ACCEPT=accept)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.getvalue().decode())))
    assert [int(row["step"]) for row in rows] == list(range(61))
    assert list(rows[0]) == ["step", "similarity", "unhappy", "digest"]
    assert float(rows[-1]["similarity"]) == played.metrics["similarity"]
    assert rows[-1]["digest"] == played.digest


def test_who_watches_catches_up_in_order(played: Simulation, alice_at_acme: Member) -> None:
    topic = f"simulation:{played.pk}"
    messages = topics.catch_up(topic, alice_at_acme, 0, 500)
    assert [message["seq"] for message in messages] == list(range(1, played.last_seq + 1))
    assert messages[0]["type"] == "simulation.status"
    assert messages[1]["type"] == "simulation.frame"
    assert (messages[1]["topic"], messages[1]["data"]["step"], messages[1]["data"]["kind"]) == (topic, 0, "keyframe")
    assert messages[-1]["data"] == {
        "step": 60,
        "status": "completed",
        "reason": "steps",
        "detail": "All 60 steps were played.",
        "until": 60,
        "pace": 0.0,
        "waiting": [],
        "decisions": {"rule": 21_600},
        "fallbacks": 0,
        "refused": 0,
        "spent": {"calls": 0, "tokens": 0, "usd": 0.0},
        "served_by": "",
    }
    assert topics.catch_up(topic, alice_at_acme, played.last_seq - 2, 500) == messages[-2:]


@pytest.mark.parametrize("identifier", ["0193a1f0-0000-7000-8000-000000000001", "abc", "0"])
def test_what_is_not_there_cannot_be_watched(identifier: str, alice_at_acme: Member, simulation: Simulation) -> None:
    with pytest.raises(NotFound):
        topics.catch_up(f"simulation:{identifier}", alice_at_acme, 0, 10)


def test_a_stranger_reads_nothing(api_of: ApiOf, mallory: User, victor: User, played: Simulation) -> None:
    for path in ("", "hello/", "frames/", "data.csv"):
        assert api_of(victor).get(f"{LIST}{played.pk}/{path}").status_code == 200
        assert api_of(mallory).get(f"{LIST}{played.pk}/{path}").status_code == 404
        assert api_of(mallory).get(f"/w/globex/api/v1/simulations/{played.pk}/{path}").status_code == 404
