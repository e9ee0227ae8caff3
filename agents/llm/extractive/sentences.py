"""Cutting a passage into what can be quoted by itself: sentences, list items, table rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from agents.llm.extractive.passages import Passage
from agents.llm.extractive.words import stems, words

LONGEST = 400
MOST = 5_000
_WRAPPED = 55

_LEANING = re.compile(r"(?:It|Its|This|That|These|Those|They|Their|There|Here|He|She|Both|Such)\b")
_ITEM = re.compile(r"^\s*(?:[-*+•]\s+|\d{1,2}[.)]\s+|>\s?)")
_RULE = re.compile(r"^[\s|:+=*_-]*$")
_ENDING = re.compile(r"[.!?…]+[”’\"')\]]*\s+(?=[“‘\"'(\[*]*[A-Z0-9À-ÖØ-Þ])")
_SHORTENED = re.compile(
    r"(?:\b(?:[A-Z]|(?i:approx|art|ca|cf|co|dr|e\.g|ed|eq|etc|fig|i\.e|inc|incl|ltd|mr|mrs|ms|no|nr|p|pp|prof|resp|sec|st|tab|vol|vs)))\.\s*$"
)


@dataclass(frozen=True)
class Sentence:
    """A quotable piece: `text` stands in the document but for line breaks.

    `passage`, `paragraph` and `order` number its place in the request; those of one paragraph follow each other directly.
    """

    text: str
    document: str
    locator: str
    passage: int
    order: int
    paragraph: int
    heading: str = ""
    is_row: bool = False

    @cached_property
    def stems(self) -> tuple[str, ...]:
        return tuple(stems(self.text))

    @property
    def leans(self) -> bool:
        """Whether it speaks of something that the sentence before has named."""
        return _LEANING.match(self.text) is not None

    def after(self, before: Sentence) -> Sentence:
        """Both as one quotation."""
        return replace(self, text=f"{before.text} {self.text}")

    def follows(self, before: Sentence) -> bool:
        return self.paragraph == before.paragraph and self.order == before.order + 1 and not self.is_row

    @property
    def citation(self) -> str:
        return f"[{self.document}, {self.locator}]"

    @property
    def quoted(self) -> str:
        """In double quotes that do not meet others inside, with the citation after them."""
        marks = '""' if "“" in self.text or "”" in self.text else "“”"
        return f"{marks[0]}{self.text}{marks[1]} {self.citation}"


def sentences_of(passages: list[Passage]) -> list[Sentence]:
    """Quotable pieces of all passages, each wording once per document, in order."""
    seen: set[tuple[str, str]] = set()
    found: list[Sentence] = []
    for number, passage in enumerate(passages):
        for text, block, is_row in _pieces(passage.text):
            key = (passage.document, text.casefold())
            if key not in seen and len(found) < MOST:
                seen.add(key)
                place = (passage.document, passage.locator, number, len(found), number * MOST + block)
                found.append(Sentence(text, *place, heading=passage.heading, is_row=is_row))
    return found


def _pieces(text: str) -> Iterator[tuple[str, int, bool]]:
    """Quotable pieces with the number of their paragraph; one that cannot be quoted parts those around it."""
    number = 0
    for block, is_row in _paragraphs(text):
        number += 1
        for sentence in [block] if is_row else _sentences(block):
            pieces = list(_bounded(sentence))
            number += len(pieces) > 1
            for piece in pieces:
                if is_quotable(piece):
                    yield piece, number, is_row
                number += len(pieces) > 1 or not is_quotable(piece)


def is_quotable(piece: str) -> bool:
    """Whether a text can stand in double quotes and be found there again: not with both kinds of them inside, or a label."""
    both = '"' in piece and ("“" in piece or "”" in piece)
    return not both and len(words(piece)) >= 3 and "[" not in piece


def _paragraphs(text: str) -> Iterator[tuple[str, bool]]:
    """Running text, items and rows, with the line breaks inside running text taken out. Headings and rules are left out."""
    held: list[str] = []
    for line, below in pairwise([*text.splitlines(), "", ""]):
        is_row = line.lstrip().startswith("|")
        starts = not line.strip() or is_row or bool(_ITEM.match(line)) or line.startswith("#")
        if held and (starts or _breaks(held[-1], line)):
            yield " ".join(" ".join(held).split()), False
            held = []
        if is_row and not _RULE.match(line) and not _is_rule(below):
            yield " ".join(line.strip().strip("|").split()), True
        elif not is_row and not line.startswith("#") and not _RULE.match(line):
            held.append(_ITEM.sub("", line).strip())


def _is_rule(line: str) -> bool:
    """Whether a line parts the head of a table from its rows."""
    return "-" in line and _RULE.match(line) is not None


def _breaks(before: str, line: str) -> bool:
    """Whether a line ends because its thought does: it is short, and the next one starts anew."""
    return len(before) < _WRAPPED and line.lstrip()[:1].isupper()


def _sentences(block: str) -> Iterator[str]:
    start = 0
    for found in _ENDING.finditer(block):
        piece = block[start : found.end()]
        if not _SHORTENED.search(piece) and piece.count("“") <= piece.count("”"):
            yield piece.strip()
            start = found.end()
    yield block[start:].strip()


def _bounded(sentence: str) -> Iterator[str]:
    """The sentence, or its parts between semicolons or words where it is too long to be read as one quotation."""
    while len(sentence) > LONGEST:
        cut = max(sentence.rfind("; ", 0, LONGEST), 0) or max(sentence.rfind(" ", 0, LONGEST), 0) or LONGEST
        yield sentence[:cut].strip(" ;")
        sentence = sentence[cut:].lstrip(" ;")
    yield sentence
