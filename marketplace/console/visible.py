"""Strangers' text as it is: every character that a reader cannot see, or that looks like another one, gets a name.

Unicode's format characters reorder and hide text (Trojan Source, CVE-2021-42574), and its tag characters spell whole
instructions that no screen shows; a moderator has to see what a language model will read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Letters and marks that draw nothing though Unicode calls them letters, marks or symbols.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
LAYOUT = frozenset("\n\t ")
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
TAGS = range(0xE0000, 0xE0080)
MOST_EMPTY_LINES, MOST_SPACES = 3, 12
PAUSE = re.compile(rf"(?:[ \t]*\n){{{MOST_EMPTY_LINES + 2},}}|[ \t]{{{MOST_SPACES},}}")
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of text. `name` is empty for plain text; otherwise `text` is what to show in its place."""

    text: str
    name: str = ""


def stretches(text: str) -> Iterator[Stretch]:
    """`text` cut where something is not what it seems. Joined, the plain stretches are `text` without those places."""
    odd = _lookalikes(text)
    at, start = 0, 0
    while at < len(text):
        found = _strange(text, at, odd)
        if found is None:
            at += 1
            continue
        if start < at:
            yield Stretch(text[start:at])
        length, stretch = found
        yield stretch
        at = start = at + length
    if start < len(text):
        yield Stretch(text[start:])


def count_hidden(text: str) -> int:
    """How many places of `text` nobody would see."""
    return sum(bool(stretch.name) for stretch in stretches(text))


def _strange(text: str, at: int, odd: frozenset[int]) -> tuple[int, Stretch] | None:
    """How many characters from `at` to replace, and by what."""
    character = text[at]
    if character in " \t\n":
        return _pause(text, at)
    if ord(character) in TAGS:
        return _tagged(text, at)
    if _is_unseen(character):
        return 1, Stretch(f"U+{ord(character):04X}", _name(character))
    if at in odd:
        return 1, Stretch(character, f"{_name(character)}, U+{ord(character):04X}, among Latin letters")
    return None


def _pause(text: str, at: int) -> tuple[int, Stretch] | None:
    """A stretch of nothing long enough to push what follows out of sight."""
    if at and text[at - 1] in " \t" and text[at] in " \t":
        return None
    found = PAUSE.match(text, at)
    if found is None:
        return None
    lines = found[0].count("\n")
    shown = f"{lines} line breaks" if lines else f"{len(found[0])} spaces"
    return len(found[0]), Stretch(shown, "empty space, shortened here")


def _tagged(text: str, at: int) -> tuple[int, Stretch]:
    end = at
    while end < len(text) and ord(text[end]) in TAGS:
        end += 1
    spelled = "".join(chr(ord(tag) - 0xE0000) for tag in text[at:end] if 0xE0020 <= ord(tag) < 0xE007F)
    return end - at, Stretch(f"hidden text: {spelled}", f"{end - at} tag characters, which no screen shows")


def _is_unseen(character: str) -> bool:
    if character in LAYOUT:
        return False
    selector = 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF
    return selector or character in BLANK or unicodedata.category(character) in UNSEEN


def _name(character: str) -> str:
    return unicodedata.name(character, "unnamed character")


def _lookalikes(text: str) -> frozenset[int]:
    """Places of letters from other alphabets inside words that also have Latin letters."""
    if text.isascii():
        return frozenset()
    odd: set[int] = set()
    for word in WORD.finditer(text):
        if word[0].isascii():
            continue
        alphabets = {place: _alphabet(character) for place, character in enumerate(word[0], word.start())}
        if "LATIN" in alphabets.values():
            odd |= {place for place, alphabet in alphabets.items() if alphabet in {"CYRILLIC", "GREEK", "ARMENIAN"}}
    return frozenset(odd)


def _alphabet(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0] if character.isalpha() else ""
