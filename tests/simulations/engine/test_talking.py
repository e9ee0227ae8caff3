"""What agents say to one another: to whom it goes, in which order it is read, what does not arrive; and that all of it can be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.documents import load
from agents.protocol.steps.recent import Said
from simulations.engine import HybridSimulationEngine
from simulations.engine.interventions import Intervention
from simulations.engine.spec import parse_scenario
from tests.simulations.engine.small import people, play, scenario

NEWS = parse_scenario(load((Path(__file__).parent / "news.yaml").read_text()).value)
NOWHERE = {"space": "none"}


def lines(said: Said) -> list[tuple[str, str, str, int, str]]:
    """(from, to, words, inboxes, note); a death later on has the words in brackets."""
    return [
        (
            each.message.sender,
            each.message.recipient or each.message.topic or each.message.headers.get("among", "all"),
            each.message.content if each.is_new else f"[{each.message.content}]",
            each.heard,
            each.note,
        )
        for each in said.records
    ]


def test_a_topic_a_condition_a_priority_a_full_inbox_and_an_end() -> None:
    engine = HybridSimulationEngine(NEWS, seed=1)
    told = []
    for step in range(1, 5):
        engine.run_now(step)
        told.append(lines(engine.latest.said))
    full = "The inbox of sleeper 4 is full."
    assert told == [
        [
            ("paper 0", "market.news", "Issue 1", 3, ""),
            ("paper 0", "market.weather", "weather", 0, ""),
            ("buyer 1", "sleeper 4", "Wake up, says 1", 1, ""),
            ("buyer 2", "sleeper 4", "Wake up, says 2", 1, ""),
        ],
        [
            ("paper 0", "market.news", "Issue 2", 3, ""),
            ("paper 0", "all", "It will rain", 1, "Missed by sleeper 4 (full)"),
            ("buyer 1", "sleeper 4", "Wake up, says 1", 0, f"full: {full}"),
            ("buyer 2", "sleeper 4", "Wake up, says 2", 0, f"full: {full}"),
        ],
        [("paper 0", "market.news", "Issue 3", 2, "Missed by sleeper 4 (full)")],
        [
            ("paper 0", "market.news", "[Issue 1]", 0, "expired: Nobody at sleeper 4 took it in time."),
            ("paper 0", "market.news", "Issue 4", 3, ""),
        ],
    ]
    waits = {1: ["Issue 4"], 2: ["Issue 4"], 4: ["Issue 2", "Issue 4", "Wake up, says 1", "Wake up, says 2"]}
    assert engine.world.messages() == waits


def test_from_every_step_it_goes_on_and_is_told_alike() -> None:
    engine = HybridSimulationEngine(NEWS, seed=1)
    kept = [engine.snapshot()]
    told = []
    for step in range(1, 6):
        engine.run_now(step)
        kept.append(engine.snapshot())
        told.append((engine.digest, engine.latest.said))
    for step, snapshot in enumerate(kept[:-1]):
        again = HybridSimulationEngine.restore(snapshot, NEWS)
        for number in range(step, 5):
            again.run_now(number + 1)
            assert (again.digest, again.latest.said) == told[number]
        assert again.snapshot() == kept[-1]


def test_a_step_that_is_taken_back_has_said_nothing() -> None:
    engine = HybridSimulationEngine(NEWS, seed=1)
    engine.run_now(1)
    kept, act = engine._keep(), Intervention(2, "message", "4", "Psst", "alice")
    engine.intervene(act)
    engine._intervene(2)
    engine._take_back(kept)
    engine.run_now(2)
    assert lines(engine.latest.said)[0] == ("system", "sleeper 4", "Psst", 1, "")
    assert [each.message.content for each in engine.latest.said.records].count("Psst") == 1


def talk(send: dict[str, Any], count: int = 4, **archetype: Any) -> HybridSimulationEngine:
    return play(
        scenario(
            environment=archetype.pop("environment", NOWHERE),
            archetypes=people(count, {"said": {"type": "int"}}, **archetype),
            actions={"talk": {"effect": [{"send": send, "when": "id == 1 and step == 1"}]}},
            policies={"rule": {"kind": "rule", "choose": [{"do": "talk"}]}},
            metrics={"said": {"sum": "said", "over": "person"}},
        ),
        1,
    )


def test_neighbors_hear_it_and_nobody_else() -> None:
    star = {"space": "network", "network": {"kind": "star"}}
    engine = talk({"to": "neighbors", "text": "Hello"}, environment=star, place="all")
    assert engine.world.messages() == {0: ["Hello"]}
    assert lines(engine.latest.said) == [("person 1", "neighbors", "Hello", 1, "")]


def test_a_word_to_all_of_ten_thousand_is_one_message_in_one_queue() -> None:
    engine = talk({"to": "all", "text": "Hello"}, count=10_000)
    assert (engine.latest.said.count, engine.latest.said.records[0].heard) == (1, 9_999)
    parts = engine.world.state.content()[3]["letters"]
    assert (len(parts["messages"]), len(parts["queues"]), len(parts["queues"][0][0])) == (1, 1, 9_999)
    assert engine.world.messages()[9_999] == ["Hello"]


@pytest.mark.parametrize(
    ("send", "digest"),
    [
        ({"to": "all", "text": "I am {id}"}, "027371ae378cef4c85b37500e93be624"),
        ({"to": "partner", "text": "I am {id}"}, "2b11feac260d4f1baa914f19a2c3703d"),
    ],
)
def test_plain_messages_come_to_the_digests_that_they_always_had(send: dict[str, Any], digest: str) -> None:
    assert talk(send, partner="all").digest == digest


def test_a_checkpoint_of_before_there_was_a_bus_is_read() -> None:
    engine = talk({"to": "all", "text": "Hello"})
    engine.world.post.restore({"2": ["One", "Two"], "0": ["Three"]})
    assert engine.world.messages() == {0: ["Three"], 2: ["One", "Two"]}


def test_who_leaves_reads_nothing_more() -> None:
    spec = scenario(
        environment=NOWHERE,
        archetypes=people(2, {"said": {"type": "int"}}, partner="all"),
        actions={
            "talk": {
                "effect": [
                    {"send": {"to": "partner", "text": "Stay!"}, "when": "id == 0"},
                    {"remove": True, "when": "id == 1 and step == 1"},
                ]
            }
        },
        policies={"rule": {"kind": "rule", "choose": [{"do": "talk"}]}},
        metrics={"said": {"sum": "said", "over": "person"}},
    )
    engine = play(spec, 1)
    assert engine.world.messages() == {}
    assert [note for *_, note in lines(engine.latest.said)] == ["", "closed: person 1 left before reading it."]


def test_what_cannot_be_a_message_is_refused_and_counted() -> None:
    spec = scenario(
        environment=NOWHERE,
        archetypes=people(2, {"said": {"type": "int"}}),
        actions={
            "wait": {},
            "talk": {"args": {"word": {"type": "text"}}, "effect": [{"send": {"to": "all", "text": "{word}"}}]},
        },
        policies={"rule": {"kind": "rule", "choose": [{"do": "wait"}]}},
        metrics={"said": {"sum": "said", "over": "person"}},
    )
    world = play(spec, 1).world
    world.act_one(0, 1, {"word": "a\x00b"})
    assert (world.refusals(), world.said(), dict(world.messages())) == (1, Said(), {})
    world.act_one(0, 1, {"word": "a b"})
    assert (world.refusals(), world.said().count, world.messages()[1]) == (0, 1, ["a b"])
