"""How much each word of a question says about where its answer stands."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

# Words of questions and requests. PostgreSQL's own list of English stop words does not have them, and in a small
# collection they are rare, so that they would weigh as much as a name.
ASKING = frozenset(
    {
        "answer",
        "ask",
        "brief",
        "cite",
        "describ",
        "document",
        "exact",
        "explain",
        "find",
        "give",
        "know",
        "list",
        "long",
        "mani",
        "mention",
        "much",
        "name",
        "pleas",
        "question",
        "quot",
        "report",
        "said",
        "say",
        "show",
        "state",
        "summar",
        "summari",
        "tell",
        "thing",
        "use",
        "word",
    }
)
MOST_TERMS = 32
MOST_CANDIDATES = (
    5_000  # passages that are ranked for one question, and the point where counting a word's holders stops
)
_OPERATORS = re.compile(r'"|(?:^|\s)-\w')


def weights(holders: Mapping[str, int], total: int) -> dict[str, float]:
    """The weight of each lexeme from the number of passages that hold it, of `total`: inverse document frequency
    (Robertson and Spärck Jones, as in BM25). Lexemes that no passage holds are left out."""
    known = {lexeme: _estimated(count, total) for lexeme, count in holders.items() if count}
    telling = {lexeme: count for lexeme, count in known.items() if lexeme not in ASKING} or known
    return {lexeme: math.log(1 + (total - count + 0.5) / (count + 0.5)) for lexeme, count in telling.items()}


def _estimated(count: int, total: int) -> int:
    """Where counting stopped, the word is taken to be in a quarter of all passages."""
    return count if count < MOST_CANDIDATES else max(count, total // 4)


def deciding(weights: Mapping[str, float], holders: Mapping[str, int]) -> list[str]:
    """The lexemes of which a passage must hold at least one: the rarest, as many as keep the ranking quick."""
    chosen: list[str] = []
    room = MOST_CANDIDATES
    for lexeme in sorted(weights, key=lambda lexeme: holders[lexeme]):
        room -= holders[lexeme]
        if chosen and room < 0:
            break
        chosen.append(lexeme)
    return chosen


def quoted(lexeme: str) -> str:
    """A lexeme as PostgreSQL's `tsquery` input takes it literally."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def has_operators(query: str) -> bool:
    """Whether the query uses quotation marks or a minus, as in a web search."""
    return bool(_OPERATORS.search(query))
