"""Text that a model reads and a person does not: invisible characters, reversed direction, encodings, pages of nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from marketplace.checks.check import Check
from marketplace.checks.finding import Finding, Severity
from marketplace.checks.rules.secrets.scanning import decoded
from marketplace.checks.subject import Subject, Text, shown

CODES = {
    "hidden_text.invisible": "Characters without width",
    "hidden_text.direction": "Characters that turn the direction of reading",
    "hidden_text.tags": "Letters of the tag block, which nobody sees",
    "hidden_text.unassigned": "Characters without a meaning of their own",
    "hidden_text.encoded": "Texts in base64, in codes or in percent signs",
    "hidden_text.markup": "Comments and markup that is not shown",
    "hidden_text.distance": "Text that is pushed out of sight",
}
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MARKS = frozenset("\u200e\u200f\u061c")
JOINERS = frozenset("\u200c\u200d")
ZERO = frozenset("\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u180e\u034f\u115f\u1160\u2800\u3164\uffa0")
SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
JOINING = (
    "ARABIC",
    "DEVANAGARI",
    "BENGALI",
    "TAMIL",
    "TELUGU",
    "KANNADA",
    "MALAYALAM",
    "GUJARATI",
    "SINHALA",
    "MYANMAR",
    "KHMER",
    "THAI",
    "SYRIAC",
    "PERSIAN",
)
TAGS = frozenset(map(chr, range(0xE0000, 0xE0080)))
VARIED = {"So", "Sm", "Po", "Nd", "Lo", "Sk"}
RIGHT_TO_LEFT = {"R", "AL"}
BLOB = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{60,20000}={0,2}")
CODED = re.compile(
    r"(?:\\x[0-9a-fA-F]{2}){8,500}|(?:\\u[0-9a-fA-F]{4}){6,500}|(?:%[0-9a-fA-F]{2}){10,500}|(?:&#x?[0-9a-fA-F]{2,6};){6,500}|(?:0x[0-9a-fA-F]{2}[, ]{1,2}){10,500}"
)
MARKUP = re.compile(
    r"(?i)<[a-z]{1,10}[^<>]{0,200}(?:display:\s?none|visibility:\s?hidden|font-size:\s?0|opacity:\s?0|color:\s?(?:white|#fff|transparent))[^<>]{0,200}>|\[//\]: #"
)
COMMENT = ("<!--", "-->")
EMPTY_LINES = re.compile(r"(?:[ \t]{0,20}\n){15}")
SPACES = re.compile(r"[^\S\n]{60}")
FIX = "Type the passage anew; nothing that people cannot see may be said to a model."


def look(subject: Subject) -> Iterator[Finding]:
    for text in subject.texts:
        if not text.value.isascii():
            yield from _characters(subject, text)
        yield from _encoded(subject, text)
        yield from _distant(subject, text)


def _characters(subject: Subject, text: Text) -> Iterator[Finding]:
    """One finding per kind and text, at the first such character, with the number of them."""
    found: dict[str, list[int]] = {}
    for position, character in enumerate(text.value):
        if not character.isascii() and (code := _kind(text.value, position)):
            found.setdefault(code, []).append(position)
    for code, places in found.items():
        first = text.value[places[0]]
        names = f"U+{ord(first):04X} {unicodedata.name(first, 'without a name').lower()}"
        times = "once" if len(places) == 1 else f"{len(places)} times, first as"
        message = f"A character that nobody sees stands here {times} {names}."
        if code == "hidden_text.tags":
            message = f"{len(places)} letters that nobody sees stand here; they read “{_tag_text(text.value, places)}”."
        yield subject.found(code, Severity.ERROR, text.path, message, FIX, at=places[0])


def _tag_text(value: str, places: list[int]) -> str:
    return shown(
        "".join(chr(ord(value[place]) - 0xE0000) for place in places if 0xE0020 <= ord(value[place]) < 0xE007F)
    )


def _kind(value: str, position: int) -> str:
    """The code of a hidden character, empty for one that belongs where it is."""
    character = value[position]
    for kind, code, belongs in KINDS:
        if character in kind:
            return "" if belongs(value, position) else code
    return "hidden_text.unassigned" if unicodedata.category(character) in {"Co", "Cn", "Cf"} else ""


def _around(value: str, position: int) -> str:
    return value[max(0, position - 2) : position] + value[position + 1 : position + 3]


def _never(_value: str, _position: int) -> bool:
    return False


def _runs_leftwards(value: str, position: int) -> bool:
    return any(unicodedata.bidirectional(letter) in RIGHT_TO_LEFT for letter in _around(value, position))


def _joins(value: str, position: int) -> bool:
    return any(
        unicodedata.category(letter) == "So" or unicodedata.name(letter, "").startswith(JOINING)
        for letter in _around(value, position)
    )


def _may_vary(value: str, position: int) -> bool:
    """One selector after a symbol or an ideograph gives it another form; a row of them carries a message."""
    before = value[position - 1] if position else " "
    return value[position] < "\ufe10" and unicodedata.category(before) in VARIED


def _is_flag(value: str, position: int) -> bool:
    """England's, Scotland's and Wales's flags are spelt in tags behind a black flag."""
    start = max(0, position - 8)
    return "\U0001f3f4" in value[start:position]


KINDS: tuple[tuple[frozenset[str], str, Callable[[str, int], bool]], ...] = (
    (BIDI, "hidden_text.direction", _never),
    (MARKS, "hidden_text.direction", _runs_leftwards),
    (TAGS, "hidden_text.tags", _is_flag),
    (ZERO, "hidden_text.invisible", _never),
    (JOINERS, "hidden_text.invisible", _joins),
    (SELECTORS, "hidden_text.invisible", _may_vary),
)
"""Characters, what they are reported as, and where they belong all the same."""


def _encoded(subject: Subject, text: Text) -> Iterator[Finding]:
    for match in BLOB.finditer(text.value):
        if said := decoded(match[0]):
            message = f"A text is written here in base64. It reads: “{shown(said)}”."
            yield subject.found("hidden_text.encoded", Severity.ERROR, text.path, message, FIX, at=match.start())
            return
    for match in CODED.finditer(text.value):
        message = f"A text is written here in codes: {shown(match[0])}"
        yield subject.found("hidden_text.encoded", Severity.WARNING, text.path, message, FIX, at=match.start())
        return


def _distant(subject: Subject, text: Text) -> Iterator[Finding]:
    start = text.value.find(COMMENT[0])
    match = MARKUP.search(text.value)
    if start < 0 and match:
        start = match.start()
    if start >= 0:
        message = f"This is not shown where the text is: {shown(text.value[start:])}"
        yield subject.found("hidden_text.markup", Severity.ERROR, text.path, message, FIX, at=start)
    for pattern in (EMPTY_LINES, SPACES):
        match = pattern.search(text.value)
        if match and text.value[match.end() :].strip():
            message = "What follows is pushed out of sight by a stretch of nothing."
            yield subject.found(
                "hidden_text.distance", Severity.WARNING, text.path, message, "Close the gap.", at=match.start()
            )


CHECK = Check("hidden_text", CODES, look)
