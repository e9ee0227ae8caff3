"""Words, and how far a misspelt one is from another. No database, no extension of it.

A word with letters left out meets a misspelt one with letters left out: one lookup instead of a comparison with every word
(the symmetric delete of SymSpell, W. Garbe, 2012).
"""

from __future__ import annotations

import re
import unicodedata
from itertools import combinations

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 12
LONGEST_WORD = 40
LONG = 7  # letters from which two errors are forgiven
LONGEST_VARIED = 16


def folded(text: str) -> str:
    """The text as names are compared: compatible forms made one, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words(text: str) -> list[str]:
    """The words of a query or a title, folded, in order; at most twelve."""
    return [word[:LONGEST_WORD] for word in WORD.findall(folded(text))[:MOST_WORDS]]


def variants(word: str) -> list[str]:
    """`word` and what remains when one letter is left out of it, two if it is long."""
    start = word[:LONGEST_VARIED]
    found = {start}
    for gone in (1, 2) if len(start) >= LONG else (1,):
        found |= {_without(start, places) for places in combinations(range(len(start)), gone)}
    return sorted(found - {""})


def _without(word: str, places: tuple[int, ...]) -> str:
    return "".join(letter for at, letter in enumerate(word) if at not in places)


def allowed(word: str) -> int:
    """How many errors are forgiven in it."""
    return 2 if len(word) >= LONG else 1


def distance(first: str, second: str) -> int:
    """Letters put in, left out, changed, or changed places with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(second) + 1))
    for row, letter in enumerate(first, start=1):
        now = [row]
        for column, other in enumerate(second, start=1):
            cost = min(now[-1] + 1, last[column] + 1, last[column - 1] + (letter != other))
            swapped = row > 1 and column > 1 and letter == second[column - 2] and first[row - 2] == other
            now.append(min(cost, before[column - 2] + 1) if swapped else cost)
        before, last = last, now
    return last[-1]
