"""Agents as they were at a step, and a play as a file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pyarrow.parquet as pq
import pytest
from rest_framework.test import APIClient

from simulations.models import Decision, Frame, Simulation
from simulations.reading.tables import safe
from tests.simulations.conftest import Begin, work


@pytest.fixture
def played(begin: Begin) -> Simulation:
    simulation = begin(steps=6)
    assert work()
    simulation.refresh_from_db()
    return simulation


def url(simulation: Simulation, door: str) -> str:
    return f"/w/acme/api/v1/simulations/{simulation.pk}/{door}"


def body(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_agents_are_listed_as_they_were_at_a_step(api: APIClient, played: Simulation) -> None:
    begun = api.get(url(played, "agents/?step=0")).json()
    ended = api.get(url(played, "agents/")).json()
    assert (begun["step"], ended["step"], begun["stride"], begun["next"]) == (0, 6, 1, None)
    assert [each["agent"] for each in begun["agents"]] == list(range(360))
    moved = [a["agent"] for a, b in zip(begun["agents"], ended["agents"], strict=True) if a != b]
    assert moved
    assert {each["archetype"] for each in ended["agents"]} == {"resident"}


def test_one_agent_says_what_changed_and_when(api: APIClient, played: Simulation) -> None:
    begun = {each["agent"]: each["state"] for each in api.get(url(played, "agents/?step=0")).json()["agents"]}
    ended = api.get(url(played, "agents/")).json()["agents"]
    agent = next(each["agent"] for each in ended if each["state"] != begun[each["agent"]])
    card = api.get(url(played, f"agents/{agent}/")).json()
    assert card["state"] == next(each["state"] for each in ended if each["agent"] == agent) | (
        {"alive": card["state"]["alive"]} if "alive" in card["state"] else {}
    )
    assert card["history"]
    back = dict(card["state"])
    for change in card["history"]:
        assert change["step"] <= 6
        assert set(change["state"]) <= set(back)
    assert card["decision"] is None  # a rule leaves no record
    assert api.get(url(played, "agents/360/")).status_code == 404


def test_the_decision_for_an_agent_comes_with_what_was_asked_and_what_it_cost(
    api: APIClient, played: Simulation
) -> None:
    Decision.objects.create(
        simulation=played,
        step=4,
        key=b"k" * 16,
        archetype="resident",
        agent=3,
        count=12,
        source="llm",
        options=[["move", {}, 0.75], ["stay", {}, 0.25]],
        reason="Few are like me.",
        exchange={"prompt": "Move or stay?", "answer": '{"move": 0.75}', "model": "openai/fake-1"},
        calls=1,
        prompt_tokens=100,
        completion_tokens=10,
        cost="0.000025",
        seconds=0.2,
        lasting=True,
    )
    assert api.get(url(played, "agents/3/?step=3")).json()["decision"] is None
    found = api.get(url(played, "agents/3/")).json()["decision"]
    assert found == api.get(url(played, "decisions/?source=llm&step=4")).json()["results"][0]
    assert (found["cost"], found["count"], found["exchange"]["prompt"]) == (0.000025, 12, "Move or stay?")
    assert found["options"][0] == {"action": "move", "args": {}, "weight": 0.75}
    assert api.get(url(played, "decisions/?source=rumour")).status_code == 400


def test_both_files_hold_every_step(api: APIClient, played: Simulation) -> None:
    lines = body(api.get(url(played, "data.csv"))).decode().split("\r\n")
    table = pq.read_table(BytesIO(body(api.get(url(played, "data.parquet")))))
    digests = list(Frame.objects.exclude(kind="status").order_by("step").values_list("digest", flat=True))
    assert lines[0].split(",") == table.column_names
    assert [line.split(",")[-1] for line in lines[1:-1]] == table.column("digest").to_pylist() == digests
    assert table.column("step").to_pylist() == list(range(7))
    assert table.column("similarity").to_pylist()[6] == played.metrics["similarity"]


def test_no_cell_of_a_text_is_taken_for_a_formula() -> None:
    assert [safe(each) for each in ("=1+1", "+1", "-1", "@x", "\tx", "x=1", -1.5)] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "x=1",
        -1.5,
    ]
