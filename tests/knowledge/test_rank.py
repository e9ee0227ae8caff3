"""Weights of words, and which of them decide what is ranked at all."""

from __future__ import annotations

import pytest

from agents.knowledge.ranking import MOST_CANDIDATES, deciding, has_operators, quoted, weights


def test_the_rarer_the_heavier() -> None:
    found = weights({"harbour": 30, "battery": 12, "lindholt": 1, "zeppelin": 0}, 40)
    assert list(found) == ["harbour", "battery", "lindholt"]
    assert found["lindholt"] == pytest.approx(3.3081, abs=1e-4)
    assert found["lindholt"] > found["battery"] > found["harbour"] > 0


def test_words_that_only_ask_do_not_count_unless_there_is_nothing_else() -> None:
    assert list(weights({"much": 1, "battery": 9}, 40)) == ["battery"]
    assert list(weights({"much": 1, "battery": 0}, 40)) == ["much"]


def test_a_word_that_is_nearly_everywhere_weighs_little_though_counting_stopped() -> None:
    found = weights({"harbour": MOST_CANDIDATES, "lindholt": MOST_CANDIDATES - 1}, 100_000)
    assert found["harbour"] == pytest.approx(1.3863, abs=1e-4)
    assert found["lindholt"] == pytest.approx(2.9958, abs=1e-4)


def test_the_rarest_words_decide_as_many_as_can_be_ranked() -> None:
    holders = {"harbour": 4_000, "battery": 900, "lindholt": 200}
    assert deciding(dict.fromkeys(holders, 1.0), holders) == ["lindholt", "battery"]
    assert deciding({"harbour": 1.0}, {"harbour": MOST_CANDIDATES}) == ["harbour"]


def test_lexemes_are_taken_literally() -> None:
    assert quoted("o'brien\\") == "'o''brien\\\\'"


@pytest.mark.parametrize(
    ("query", "found"), [('"gas detector"', True), ("price -ferry", True), ("low-emission zone", False), ("-", False)]
)
def test_operators_are_those_of_a_web_search(query: str, found: bool) -> None:
    assert has_operators(query) is found
