"""The pieces that lead from one text to another."""

from __future__ import annotations

import random
import time

import pytest

from projects.branching.diffing import Piece, diff


def test_words_inside_a_line_that_changed() -> None:
    assert diff("The ship has 40 berths.\nIt is blue.\n", "The ship has 42 berths.\nIt is blue.\n") == [
        Piece("same", "The ship has "),
        Piece("removed", "40 "),
        Piece("added", "42 "),
        Piece("same", "berths.\nIt is blue.\n"),
    ]


@pytest.mark.parametrize("texts", [("", ""), ("a", ""), ("", "a"), ("a b\nc", "a\n\nb c"), (" \n ", "x \n y")])
def test_nothing_is_lost(texts: tuple[str, str]) -> None:
    first, second = texts
    pieces = diff(first, second)
    assert "".join(piece.text for piece in pieces if piece.change != "added") == first
    assert "".join(piece.text for piece in pieces if piece.change != "removed") == second


def test_long_texts_that_have_little_in_common_take_no_time() -> None:
    drawn = random.Random(7)
    first, second = (" ".join(drawn.choices(["a", "b", "c"], k=60_000)) for _ in range(2))
    lines = "\n".join(drawn.choices(["a", "b", ""], k=1_999)), "\n".join(drawn.choices(["a", "c", ""], k=1_999))
    began = time.process_time()
    assert [piece.change for piece in diff(first, second)] == ["removed", "added"]
    diff(*lines)
    assert time.process_time() - began < 5
