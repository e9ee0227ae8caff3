"""Who is in the same situation, and what a key depends on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulations.engine.decisions import Decision, Option
from simulations.engine.draws import pick, pick_many
from simulations.engine.keys import KEY_BYTES, coalesce, digest_of, key_maker

LEGAL = ("stay", "move")


def _groups(columns: list[NDArray[Any]]) -> tuple[list[int], list[int]]:
    first, group = coalesce(columns, columns[0].size)
    return first.tolist(), group.tolist()


class TestCoalescing:
    def test_agents_that_see_the_same_are_one_group(self) -> None:
        first, group = _groups([np.array([3, 1, 3, 1]), np.array([0.5, 0.5, 0.5, 0.25])])
        assert [first[place] for place in group] == [0, 1, 0, 3]

    def test_words_and_truth_count_too(self) -> None:
        first, group = _groups([np.array(["a", "b", "a"]), np.array([True, True, False])])
        assert [first[place] for place in group] == [0, 1, 2]

    @pytest.mark.parametrize("span", [5, 10**12])
    def test_it_equals_grouping_one_by_one(self, span: int) -> None:
        chance = np.random.default_rng(7)
        columns = [chance.integers(-span, span, 400), chance.random(400).round(1), chance.integers(0, 2, 400) > 0]
        first, group = _groups(columns)
        told = list(zip(*(column.tolist() for column in columns), strict=True))
        known: dict[tuple[object, ...], int] = {}
        assert [first[place] for place in group] == [known.setdefault(seen, row) for row, seen in enumerate(told)]

    def test_without_columns_all_are_one_group(self) -> None:
        first, group = coalesce([], 3)
        assert (first.tolist(), group.tolist()) == ([0], [0, 0, 0])


class TestKeys:
    def test_a_key_is_the_same_in_any_order_of_fields_and_for_any_agent(self) -> None:
        key = key_maker(scenario="s", archetype="resident", policy=b"p")
        assert key({"a": 1, "b": 2}, LEGAL, 4, 9) == key({"b": 2, "a": 1}, LEGAL, 5, 1)
        assert len(key({}, LEGAL, 0, 0)) == KEY_BYTES

    def test_everything_that_an_answer_depends_on_changes_it(self) -> None:
        keys = {
            key_maker(scenario=scenario, archetype=archetype, policy=policy)(seen, legal, 0, 0)
            for scenario, archetype, policy, seen, legal in [
                ("s", "resident", b"p", {"a": 1}, LEGAL),
                ("t", "resident", b"p", {"a": 1}, LEGAL),
                ("s", "visitor", b"p", {"a": 1}, LEGAL),
                ("s", "resident", b"q", {"a": 1}, LEGAL),
                ("s", "resident", b"p", {"a": 2}, LEGAL),
                ("s", "resident", b"p", {"a": 1}, ("stay",)),
            ]
        }
        assert len(keys) == 6

    def test_an_individual_is_told_apart_by_agent_and_step(self) -> None:
        key = key_maker(scenario="s", archetype="resident", policy=b"p", individual=True)
        assert len({key({}, LEGAL, 1, 1), key({}, LEGAL, 2, 1), key({}, LEGAL, 1, 2)}) == 3

    def test_a_key_outlives_the_process(self) -> None:
        assert digest_of("schelling", 1, b"\x01").hex() == "48a4fe7406c54b70588deba86650713f"


class TestDrawing:
    def test_the_draw_falls_into_an_option_by_weight(self) -> None:
        options = (Option("stay", weight=0.25), Option("move", weight=0.75))
        assert [pick(options, draw) for draw in (0.0, 0.2499, 0.25, 0.9999)] == [0, 0, 1, 1]

    def test_many_at_once_are_the_same_as_one_by_one(self) -> None:
        decisions = [
            Decision((Option("a", weight=0.2), Option("b", weight=0.3), Option("c", weight=0.5)), "llm"),
            Decision((Option("a"),), "rule"),
        ]
        groups = np.array([0, 1] * 200)
        draws = np.random.default_rng(1).random(400)
        one_by_one = [pick(decisions[group].options, draw) for group, draw in zip(groups, draws, strict=True)]
        assert pick_many(decisions, groups, draws).tolist() == one_by_one
