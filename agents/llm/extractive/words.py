"""Words as the ranking sees them: lower case, without endings, without those that say nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")

GRAMMAR = frozenset(
    [
        "a",
        "about",
        "above",
        "after",
        "again",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "doing",
        "done",
        "down",
        "during",
        "each",
        "either",
        "else",
        "ever",
        "few",
        "for",
        "from",
        "further",
        "get",
        "give",
        "given",
        "gives",
        "had",
        "has",
        "have",
        "having",
        "he",
        "hence",
        "her",
        "here",
        "hers",
        "him",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "just",
        "let",
        "may",
        "me",
        "might",
        "more",
        "most",
        "much",
        "must",
        "my",
        "near",
        "no",
        "nor",
        "not",
        "now",
        "of",
        "off",
        "on",
        "once",
        "one",
        "only",
        "or",
        "other",
        "our",
        "out",
        "over",
        "own",
        "per",
        "please",
        "same",
        "shall",
        "she",
        "should",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "too",
        "under",
        "until",
        "up",
        "upon",
        "us",
        "use",
        "used",
        "uses",
        "using",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "whether",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "within",
        "without",
        "would",
        "yes",
        "yet",
        "you",
        "your",
        "yours",
    ]
)
INSTRUCTION = frozenset(
    [
        "according",
        "analyse",
        "analysis",
        "analyze",
        "answer",
        "appear",
        "base",
        "bullet",
        "check",
        "cite",
        "citation",
        "complete",
        "compile",
        "concise",
        "copy",
        "describe",
        "description",
        "detail",
        "determine",
        "document",
        "draft",
        "evidence",
        "exact",
        "exactly",
        "examine",
        "explain",
        "expected",
        "extract",
        "fact",
        "final",
        "find",
        "finding",
        "focus",
        "following",
        "form",
        "format",
        "gather",
        "identify",
        "include",
        "information",
        "key",
        "label",
        "line",
        "list",
        "listed",
        "main",
        "make",
        "markdown",
        "mention",
        "name",
        "need",
        "note",
        "output",
        "overview",
        "paragraph",
        "passage",
        "pick",
        "point",
        "prepare",
        "present",
        "produce",
        "provide",
        "question",
        "quote",
        "quotation",
        "read",
        "reader",
        "reason",
        "relevant",
        "report",
        "research",
        "respond",
        "result",
        "return",
        "review",
        "say",
        "search",
        "section",
        "sentence",
        "short",
        "show",
        "source",
        "state",
        "statement",
        "structured",
        "sum",
        "summarise",
        "summarize",
        "summary",
        "support",
        "task",
        "tell",
        "text",
        "topic",
        "word",
        "write",
    ]
)

# Words and units that answer a question in which the key occurs; the offline provider has no other knowledge of meaning.
RELATED: Mapping[str, tuple[str, ...]] = {
    "energy": ("mwh", "kwh", "gwh", "capacity"),
    "store": ("capacity", "storage"),
    "storage": ("capacity", "store"),
    "power": ("mw", "kw", "gw"),
    "cost": ("eur", "usd", "gbp", "price", "€", "$", "investment"),
    "price": ("eur", "usd", "gbp", "cost", "€", "$"),
    "pay": ("eur", "usd", "gbp", "price"),
    "expensive": ("eur", "usd", "cost", "price"),
    "save": ("saving",),
    "long": ("minute", "hour", "day", "week", "month", "year"),
    "loud": ("db", "noise"),
    "heavy": ("kg", "tonne", "weigh"),
    "fast": ("faster", "minute", "hour"),
    "far": ("km", "m", "metre", "kilometre"),
    "big": ("capacity", "size", "square"),
    "large": ("capacity", "size", "square"),
    "size": ("capacity", "large", "total"),
    "share": ("%", "percent"),
    "percentage": ("%", "percent", "share"),
    "trend": ("grow", "growth", "rise", "fall", "increase", "decline", "plan", "will"),
    "growth": ("grow", "rise", "increase", "forecast"),
    "risk": ("wrong", "fail", "worry", "problem", "danger", "limit", "loss", "fall", "delay"),
    "opportunity": ("could", "save", "grow", "advice", "recommend", "advantage", "free"),
    "recommend": ("recommendation", "advise", "advice", "propose"),
    "recommendation": ("recommend", "advise", "advice", "propose"),
    "rule": ("law", "council", "permit", "regulation", "zone", "limit"),
    "competitor": ("competition", "share", "provider"),
    "customer": ("business", "client", "demand"),
    "safety": ("fire", "protection", "danger", "accident"),
    "deadline": ("until", "date", "before"),
    "built": ("building", "construction"),
    "begin": ("start",),
    "start": ("begin",),
}

UNITS = frozenset({
    "mwh", "kwh", "gwh", "mw", "kw", "gw", "eur", "usd", "gbp", "€", "$", "£", "%", "percent", "minute", "hour", "day", "week",
    "month", "year", "km", "metre", "kilometre", "kg", "tonne", "db",
})  # fmt: skip

_PLURAL = (("ies", "y"), ("sses", "ss"), ("es", "e"), ("s", ""))
_VERB = (("ing", ""), ("ied", "y"), ("ed", ""))
_SHORTEST_STEM = 3


def words(text: str) -> list[str]:
    """Lower-case words and numbers in order; signs that stand for a unit count as words."""
    return [found.lower() for found in re.findall(rf"{_WORD.pattern}|[%€$£]", text)]


def stem(word: str) -> str:
    """A word without its plural and verb endings: `stores`, `stored`, `storing` and `store` are one."""
    if not word.isalpha() or len(word) <= _SHORTEST_STEM:
        return word
    for endings in (_PLURAL, _VERB):
        word = _without_ending(word, endings)
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM else word


def _without_ending(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    for ending, instead in endings:
        bare = word.removesuffix(ending)
        if bare != word and len(bare) >= _SHORTEST_STEM and not (ending == "s" and bare[-1] in "su"):
            return (_undoubled(bare) if endings is _VERB else bare) + instead
    return word


def _undoubled(bare: str) -> str:
    return bare[:-1] if bare[-1] == bare[-2] and bare[-1] not in "lsz" else bare


def stems(text: str) -> list[str]:
    """Stems of all words that carry meaning, in order, with repetitions."""
    return [stem(word) for word in words(text) if word not in GRAMMAR]


def is_instruction(word: str) -> bool:
    return stem(word) in _INSTRUCTION_STEMS


def is_unit(word: str) -> bool:
    """Whether a stem is that of a unit, which stands beside the amount that was asked for."""
    return word in _UNIT_STEMS


def related(word: str) -> tuple[str, ...]:
    """Stems of the words that often stand where `word` (a stem) is asked for."""
    return _RELATED_STEMS.get(word, ())


_INSTRUCTION_STEMS = frozenset(stem(word) for word in INSTRUCTION)
_UNIT_STEMS = frozenset(stem(word) for word in UNITS)
_RELATED_STEMS = {stem(key): tuple(stem(value) for value in values) for key, values in RELATED.items()}
