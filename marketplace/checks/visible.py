"""A text as a reader takes it in: without what nobody sees, with look-alike letters as the letters that they look like."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

INVISIBLE = {"Cf", "Co", "Cn", "Mn", "Me"}
FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f")
LOOKALIKES = {
    # Cyrillic
    "а": "a", "в": "b", "е": "e", "ё": "e", "к": "k", "м": "m", "н": "h", "о": "o", "р": "p", "с": "c", "т": "t", "у": "y",
    "х": "x", "і": "i", "ї": "i", "ј": "j", "ѕ": "s", "һ": "h", "ԁ": "d", "ԛ": "q", "ԝ": "w", "ѵ": "v", "ӏ": "l", "ɡ": "g",
    # Greek
    "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u", "χ": "x",
    "γ": "y", "ω": "w", "ϲ": "c", "ϳ": "j", "ѡ": "w", "ζ": "z", "μ": "m",
    # Armenian, Cherokee, Lisu and Latin letters of their own
    "օ": "o", "ս": "u", "ց": "g", "հ": "h", "ո": "n", "զ": "q", "ք": "p", "ꓲ": "l", "ꓳ": "o", "ı": "i", "ſ": "f", "ƒ": "f",
    "ɑ": "a", "ɩ": "i", "ʟ": "l", "ɴ": "n", "ʀ": "r", "ʏ": "y", "ꮯ": "c", "ꭵ": "i", "ⅼ": "l", "ø": "o", "đ": "d", "ł": "l",
}  # fmt: skip
"""After Unicode's confusables (UTS 39), folded to lower case: the letters that names are forged with."""
STROKES = str.maketrans({"0": "o", "1": "l", "3": "e", "5": "s", "7": "t", "|": "l", "!": "l", "$": "s", "@": "a"})
FORGED_L = re.compile(r"(?<=[a-z])I(?=[a-z])")
"""A capital i between small letters is read as an l."""
PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` in lower case and single spaces; `origin` maps each of its characters to where it stood."""

    text: str
    origin: tuple[int, ...]

    def place(self, position: int) -> int:
        return self.origin[min(position, len(self.origin) - 1)] if self.origin else 0


def plain(text: str) -> Plain:
    letters: list[str] = []
    origin: list[int] = []
    for position, character in enumerate(text):
        for letter in _letters(character):
            if letter != " " or (letters and letters[-1] != " "):
                letters.append(letter)
                origin.append(position)
    return Plain("".join(letters), tuple(origin))


@lru_cache(maxsize=4_096)
def _letters(character: str) -> str:
    if character.isspace():
        return " "
    if character.isascii():
        return character.lower()
    folded = unicodedata.normalize("NFKD", character).casefold()
    return "".join(LOOKALIKES.get(each, each) for each in folded if not is_invisible(each))


def is_invisible(character: str) -> bool:
    return character in FILLERS or unicodedata.category(character) in INVISIBLE


def skeleton(name: str) -> str:
    """What a name looks like at a glance: two names with one skeleton are told apart by nobody."""
    seen = plain(FORGED_L.sub("l", name)).text
    letters = "".join(letter for letter in seen if letter.isalnum() or letter in "|!$@").translate(STROKES)
    for pair, looks in PAIRS:
        letters = letters.replace(pair, looks)
    return letters


def scripts(text: str) -> frozenset[str]:
    """The writing systems of its letters: LATIN, CYRILLIC, GREEK…"""
    return frozenset(unicodedata.name(letter, "?").partition(" ")[0] for letter in text if letter.isalpha())


def line_starts(text: str) -> list[int]:
    return [0, *(position + 1 for position, letter in enumerate(text) if letter == "\n")]


def line_of(starts: list[int], position: int) -> int:
    """The line, from 0, of a position."""
    return bisect_right(starts, position) - 1
