"""What differs between two texts: by lines, and by words inside lines that changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MOST_LINES = 2_000
MOST_WORDS = 1_000  # comparing takes up to the square of it
WORD = re.compile(r"\s+|\S+\s*")

Change = Literal["same", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both have, or only the second (`added`), or only the first (`removed`)."""

    change: Change
    text: str


def diff(first: str, second: str) -> list[Piece]:
    """The pieces that lead from `first` to `second`: without those added they are the first text, without those removed the second."""
    if first == second:
        return [Piece("same", first)] if first else []
    before, after = first.splitlines(keepends=True), second.splitlines(keepends=True)
    if max(len(before), len(after)) > MOST_LINES:
        return _joined(_replaced(first, second))
    return _joined(_by_lines(before, after))


def _by_lines(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(before[a:b]))
        else:
            yield from _by_words("".join(before[a:b]), "".join(after[c:d]))


def _by_words(first: str, second: str) -> Iterator[Piece]:
    before, after = WORD.findall(first), WORD.findall(second)
    if max(len(before), len(after)) > MOST_WORDS:
        yield from _replaced(first, second)
        return
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(before[a:b]))
        else:
            yield from _replaced("".join(before[a:b]), "".join(after[c:d]))


def _replaced(first: str, second: str) -> Iterator[Piece]:
    if first:
        yield Piece("removed", first)
    if second:
        yield Piece("added", second)


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].change == piece.change:
            joined[-1] = Piece(piece.change, joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return joined
