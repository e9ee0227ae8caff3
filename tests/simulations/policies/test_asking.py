"""Who decides for whom, and each distinct situation once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulations.engine.asking import Moment, ask_for, parts_of
from simulations.engine.batches import Batch
from simulations.engine.expressions import Kind, Scope, parse
from simulations.engine.policies.hybrid import HybridPolicy, Way
from simulations.engine.policies.rules import RulePolicy
from tests.simulations.policies.situations import line, rules

NAMES: Mapping[str, Kind] = {"similar": "number", "group": ("a", "b"), "salience": "number", "step": "number"}
STAY = RulePolicy("stay", rules(line("stay", NAMES)), parameters={})
MOVE = RulePolicy("move", rules(line("move", NAMES)), parameters={})
DRAW = RulePolicy("draw", rules(line("move", NAMES, "chance(0.5)")), parameters={})


def _batch() -> Batch:
    fields = {"similar": np.array([1, 2, 1, 2, 1]), "group": np.array([0, 1, 0, 0, 0])}
    legal = np.array([3, 3, 3, 3, 1])
    return Batch("resident", np.array([10, 11, 12, 13, 14]), fields, ("stay", "move"), legal, 7, {"group": ("a", "b")})


def _way(policy: RulePolicy, when: str = "") -> Way:
    return Way(policy, {"resident": parse(when, Scope(NAMES), wants="bool")} if when else None)


def test_each_distinct_situation_is_asked_once() -> None:
    asked = ask_for(parts_of(STAY, _batch(), Moment("s"))[0], _batch(), Moment("s", 3.5, "noon"))
    assert [asked.requests[group].row for group in asked.groups] == [10, 11, 10, 13, 14]
    first = asked.requests[asked.groups[0]]
    assert (first.count, first.observation, first.legal) == (2, {"similar": 1, "group": "a"}, ("stay", "move"))
    assert (first.step, first.time, first.stage) == (7, 3.5, "noon")
    assert len({request.key for request in asked.requests}) == 4


def test_who_draws_is_asked_for_itself_and_hears_what_it_was_told() -> None:
    moment = Moment("s", messages={12: ["Stay calm."]})
    asked = ask_for(parts_of(DRAW, _batch(), moment)[0], _batch(), moment)
    assert [request.row for request in asked.requests] == [10, 11, 12, 13, 14]
    assert len({request.key for request in asked.requests}) == 5
    assert [request.messages for request in asked.requests[1:3]] == [(), ("Stay calm.",)]


def test_routes_are_followed_to_their_end_and_equal_those_of_one() -> None:
    inner = HybridPolicy("inner", [_way(MOVE, "group == 'b' or salience > 0.5"), _way(STAY)], parameters={})
    outer = HybridPolicy("outer", [_way(STAY, "similar == 1 and step == 7"), Way(inner)], parameters={})
    moment = Moment("s", salience=np.array([0.0, 0.0, 0.0, 0.9, 0.0]))
    parts = parts_of(outer, _batch(), moment)
    assert [(policy.name, places.tolist()) for policy, places in parts] == [("stay", [0, 2, 4]), ("move", [1, 3])]
    for policy, places in parts:
        for request in ask_for((policy, places), _batch(), moment).requests:
            way = outer.ways[outer.route(request)]
            assert (inner.ways[inner.route(request)] if way is inner else way) is policy


async def test_a_hybrid_policy_answers_in_the_order_of_the_questions() -> None:
    hybrid = HybridPolicy("hybrid", [_way(MOVE, "similar == 2"), _way(STAY)], parameters={})
    asked = ask_for((hybrid, np.arange(5)), _batch(), Moment("s"))
    decisions = await hybrid.decide_batch(asked.requests)
    assert [decision.options[0].action for decision in decisions] == [
        "move" if request.observation["similar"] == 2 else "stay" for request in asked.requests
    ]
    assert [decision.key for decision in decisions] == [request.key for request in asked.requests]


def test_who_sits_in_an_agents_place_decides_for_it_whatever_the_policy() -> None:
    moment = Moment("s", seated={12, 14, 99}, person=MOVE)
    parts = parts_of(STAY, _batch(), moment)
    assert [(policy.name, places.tolist()) for policy, places in parts] == [("move", [2, 4]), ("stay", [0, 1, 3])]
