"""Citations in an answer: finding them, and checking the quoted words against the document.

A citation is `[<document>, <locator>]`; the words that it stands for are in double quotes directly before it:

    “The station stores 18.4 MWh.” [harbour-study.pdf, p. 2]
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Status = Literal["verified", "not_found", "unknown_document", "unquoted"]

MAX_QUOTE = 2_000

_CITATION = re.compile(
    r"\[(?P<document>[^\[\]\n]{1,255}?),\s*"
    r"(?P<locator>(?:pp?\.|pages?)\s?\d+(?:\s?[-–]\s?\d+)?|(?:lines?|rows?)\s\d+(?:\s?[-–]\s?\d+)?|§\s?[^\[\]\n]{1,300})\]",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?P<unit>pp?\.|pages?|lines?|rows?)\s?(?P<first>\d+)(?:\s?[-–]\s?(?P<last>\d+))?", re.IGNORECASE
)
_ELLIPSIS = re.compile(r"\s*[\[(]?(?:…|\.\.\.)[\])]?\s*")


@dataclass(frozen=True, slots=True)
class Citation:
    """A claim that `quote` stands in `document` at `locator`; `start` and `end` frame quote and citation in the answer."""

    quote: str
    document: str
    locator: str
    start: int
    end: int


class Stored(Protocol):
    """A stored passage: characters `start` onward of section number `section`. `chunking.Passage` is one."""

    @property
    def section(self) -> int: ...
    @property
    def locator(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def start(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a citation. `found_at` is where the words really stand: empty when nowhere."""

    citation: Citation
    status: Status
    found_at: str = ""


def find(text: str) -> list[Citation]:
    """All citations of `text` in order; `quote` is empty where no quotation precedes."""
    citations = []
    for found in _CITATION.finditer(text):
        start, quote = _quote_before(text, found.start())
        locator = _canonical(found["locator"])
        citations.append(Citation(quote, found["document"].strip(), locator, start, found.end()))
    return citations


def check(citation: Citation, documents: Mapping[str, DocumentText]) -> Checked:
    """Compare with the documents of these names.

    White space, line-end hyphens, typographic quotes and dashes, ligatures, Markdown emphasis and the case of letters do not
    count. An ellipsis in the quotation stands for words left out.
    """
    document = documents.get(citation.document)
    if document is None:
        return Checked(citation, "unknown_document")
    if not citation.quote:
        return Checked(citation, "unquoted")
    places = document.places(citation.quote)
    if any(same_place(citation.locator, place) for place in places):
        return Checked(citation, "verified", citation.locator)
    return Checked(citation, "not_found", places[0] if places else "")


class DocumentText:
    """The words of a document in comparable form, from its passages in reading order, and which passage each of them is in."""

    def __init__(self, passages: Sequence[Stored]) -> None:
        self._locators = [passage.locator for passage in passages]
        self._starts: list[int] = []
        pieces: list[str] = []
        length = 0
        for text in _unrepeated(passages):
            self._starts.append(length)
            pieces.append(normal(text) + " ")
            length += len(pieces[-1])
        self._text = "".join(pieces)

    def places(self, quote: str) -> list[str]:
        """Locators of the passages that the quotation covers, wherever it occurs, once each."""
        parts = [normal(part).strip(" .,;:") for part in _ELLIPSIS.split(quote)]
        patterns = [_whole_words(part) for part in parts if part]
        if not patterns:
            return []
        spans = (self._all_in_order(found, patterns[1:]) for found in patterns[0].finditer(self._text))
        return list(dict.fromkeys(place for span in spans if span for place in self._covered(*span)))

    def _all_in_order(self, first: re.Match[str], others: Sequence[re.Pattern[str]]) -> tuple[int, int] | None:
        """From the first part to the last, each within MAX_QUOTE characters after the one before."""
        end = first.end()
        for pattern in others:
            found = pattern.search(self._text, end, end + MAX_QUOTE)
            if not found:
                return None
            end = found.end()
        return first.start(), end

    def _covered(self, start: int, end: int) -> list[str]:
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1
        return self._locators[first : last + 1]


def same_place(cited: str, stored: str) -> bool:
    """Whether both name the same page or heading, or pages, lines or rows that overlap."""
    a, b = _COUNTED.fullmatch(cited), _COUNTED.fullmatch(stored)
    if a and b:
        return (
            _unit(a) == _unit(b)
            and int(a["first"]) <= int(b["last"] or b["first"])
            and int(b["first"]) <= int(a["last"] or a["first"])
        )
    return normal(cited) == normal(stored)


def normal(text: str) -> str:
    """The same words for the same reading: what a PDF, a keyboard or a model may change without changing what is said."""
    text = unicodedata.normalize("NFKC", text).replace("\N{SOFT HYPHEN}", "").translate(_ALIKE)
    text = re.sub(r"(?<=[^\W\d_])-\s*(?=[^\W\d_])", "", text)
    text = re.sub(r"\s+", " ", text).replace(" %", "%")
    return text.strip().casefold()


_ALIKE = str.maketrans({
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-",
    "*": None, "`": None, "_": None, "|": " ", "\u200b": None, "\u200c": None, "\u200d": None, "\ufeff": None,
})  # fmt: skip


def _whole_words(part: str) -> re.Pattern[str]:
    """Not inside a longer word or number: 4.4 is not found in 18.4 or 4.45."""
    return re.compile(r"(?<!\w)(?<!\d[.,])" + re.escape(part) + r"(?!\w)(?![.,]\d)")


def _unrepeated(passages: Sequence[Stored]) -> list[str]:
    """Texts of the passages, each without the words that it repeats from the one before."""
    texts = []
    section, end = -1, 0
    for passage in passages:
        repeated = max(end - passage.start, 0) if passage.section == section else 0
        texts.append(passage.text[repeated:])
        section, end = passage.section, passage.start + len(passage.text)
    return texts


def _quote_before(text: str, end: int) -> tuple[int, str]:
    """Start and words of the quotation that ends right before `end`; `end` itself and nothing when there is none."""
    head = text[max(0, end - MAX_QUOTE) : end].rstrip(" \t\n(")
    head = head.rstrip(".,;:")
    offset = max(0, end - MAX_QUOTE)
    if head.endswith("”"):
        opened = _opening(head)
    elif head.endswith('"'):
        opened = head.rfind('"', 0, len(head) - 1)
    else:
        opened = -1
    return (end, "") if opened < 0 else (offset + opened, head[opened + 1 : -1].strip())


def _opening(head: str) -> int:
    """Index of the “ that belongs to the last ”; quotations may hold quotations."""
    depth = 0
    for index in range(len(head) - 1, -1, -1):
        depth += {"”": 1, "“": -1}.get(head[index], 0)
        if depth == 0:
            return index
    return head.rfind("“")


def _unit(found: re.Match[str]) -> str:
    return found["unit"][0].lower()


def _canonical(locator: str) -> str:
    found = _COUNTED.fullmatch(locator)
    if not found:
        return "§ " + " ".join(locator.removeprefix("§").split())
    first, last = found["first"], found["last"]
    if _unit(found) == "p":
        return f"p. {first}-{last}" if last else f"p. {first}"
    return f"{'lines' if _unit(found) == 'l' else 'rows'} {first}-{last or first}"
