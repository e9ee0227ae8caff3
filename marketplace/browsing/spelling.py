"""Finding words in spite of typing errors, without a database extension: three-letter pieces of the words."""

from __future__ import annotations

import re
from collections.abc import Iterable

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 12
LONGEST_WORD = 40


def words(text: str) -> list[str]:
    """The words of a query or a title, lower case, in order; at most twelve."""
    return [word[:LONGEST_WORD] for word in WORD.findall(text.lower())[:MOST_WORDS]]


def trigrams(texts: Iterable[str]) -> list[str]:
    """Sorted three-letter pieces of all words, each word padded as in `  ab`, `abc`, `bc ` so that its start weighs more."""
    pieces: set[str] = set()
    for word in (word for text in texts for word in words(text)):
        padded = f"  {word} "
        pieces |= {padded[start : start + 3] for start in range(len(padded) - 2)}
    return sorted(pieces)
