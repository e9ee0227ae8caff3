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
_OPERATORS = re.compile(r'"|(?:^|\s)-\w')


def weights(holders: Mapping[str, int], total: int) -> dict[str, float]:
    """The weight of each lexeme from the number of passages that hold it, of `total`: inverse document frequency
    (Robertson and Spärck Jones, as in BM25). Lexemes that no passage holds are left out."""
    known = {lexeme: count for lexeme, count in holders.items() if count}
    telling = {lexeme: count for lexeme, count in known.items() if lexeme not in ASKING} or known
    return {lexeme: math.log(1 + (total - count + 0.5) / (count + 0.5)) for lexeme, count in telling.items()}


def quoted(lexeme: str) -> str:
    """A lexeme as PostgreSQL's `tsquery` input takes it literally."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def has_operators(query: str) -> bool:
    """Whether the query uses quotation marks or a minus, as in a web search."""
    return bool(_OPERATORS.search(query))
