"""Cutting sections into passages that can be searched and quoted.

A passage is a slice of its section, letter by letter, and never crosses from one section (a page, a heading) into the next. Cuts
fall between sentences, list items or table rows; a single sentence that is too long is cut between words, and a word that is too
long anywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.knowledge.parsing.sections import Section

SIZE = 900  # characters; about 200 tokens of a language model
OVERLAP = 150  # at most so much is repeated from the passage before: usually its last sentence

_BREAK = re.compile(
    r"\n[^\S\n]*\n\s*"  # a blank line
    r"|\n(?=[^\S\n]*(?:[|>#*+-]|\d+[.)])\s)"  # the next list item, or a table row
    r"|\n(?=\|)"
    r"|(?<=[.!?…])[”’\"')\]]*\s+(?=[“‘\"'(\[]?[A-Z0-9À-ÖØ-Þ])"  # a sentence ends and a new one begins
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|approx|art|ca|cf|Dr|e\.g|ed|eq|etc|Fig|i\.e|incl|Mr|Mrs|Ms|no|No|Nr|p|pp|Prof|resp|Sec|St|Tab|vol|vs))\.$"
)
_ROW = re.compile(r"\n")
_LOOK_BACK = 12  # longer than any abbreviation


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice of section number `section` (from 0): `text` equals its characters `start` to `end`."""

    position: int
    section: int
    locator: str
    heading: str
    text: str
    start: int
    end: int


def chunk(sections: Sequence[Section], *, size: int = SIZE, overlap: int = OVERLAP) -> list[Passage]:
    """Passages of at most `size` characters in reading order; `overlap` must be smaller than half of `size`."""
    if not 0 <= overlap * 2 < size:
        raise ValueError("the overlap must be smaller than half of the size")
    passages: list[Passage] = []
    for number, section in enumerate(sections):
        places = _Places(section)
        for start, end in _slices(section, size, overlap):
            passages.append(
                Passage(
                    len(passages), number, places.of(start, end), section.heading, section.text[start:end], start, end
                )
            )
    return passages


class _Places:
    """Names the place of a slice: the section's own, or the lines that it covers."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._newlines = [found.start() for found in re.finditer("\n", section.text)] if section.counts else []

    def of(self, start: int, end: int) -> str:
        if not self._section.counts:
            return self._section.locator
        first = self._section.first + bisect_left(self._newlines, start)
        last = self._section.first + bisect_left(self._newlines, end)
        return f"{self._section.counts} {first}-{last}"


def _slices(section: Section, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Spans of the passages, without white space at their ends."""
    pieces = list(_pieces(section.text, _ROW if section.counts == "rows" else _BREAK, size))
    first = 0
    while first < len(pieces):
        last = first
        while last + 1 < len(pieces) and pieces[last + 1][1] - pieces[first][0] <= size:
            last += 1
        yield pieces[first][0], pieces[last][1]
        if last + 1 == len(pieces):
            return
        first = _step_back(pieces, first, last, size, overlap)


def _step_back(pieces: list[tuple[int, int]], first: int, last: int, size: int, overlap: int) -> int:
    """Where the next passage begins: a few pieces before the end of this one, if they and the next piece fit."""
    begin = last + 1
    while (
        begin - 1 > first
        and pieces[last][1] - pieces[begin - 1][0] <= overlap
        and pieces[last + 1][1] - pieces[begin - 1][0] <= size
    ):
        begin -= 1
    return begin


def _pieces(text: str, breaks: re.Pattern[str], size: int) -> Iterator[tuple[int, int]]:
    """Spans of sentences, items and rows, in order, covering everything but white space."""
    for begin, end in _sentences(text, breaks):
        start = begin
        while end - start > size:
            cut = _cut(text, start, size)
            yield from _stripped(text, start, cut)
            start = cut
        yield from _stripped(text, start, end)


def _sentences(text: str, breaks: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for found in breaks.finditer(text):
        if not _ABBREVIATION.search(text[max(start, found.start() - _LOOK_BACK) : found.start()]):
            yield start, found.end()
            start = found.end()
    yield start, len(text)


def _cut(text: str, start: int, size: int) -> int:
    """Where to cut a piece that is too long: after the last white space that fits."""
    window = text[start : start + size]
    space = max(window.rfind(" "), window.rfind("\n"))
    return start + (space + 1 if space > 0 else size)


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    bare = piece.strip()
    if bare:
        start += len(piece) - len(piece.lstrip())
        yield start, start + len(bare)
