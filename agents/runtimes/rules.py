"""What an answer must be, seen without a model: how long it is, whether it cites, whether a pattern is in it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from agents.runtimes.spec import ChecksSpec

PATTERN_LIMIT = 200
LINE = 1_000
COST = 12_000_000  # steps for one look: about a tenth of a second
SECONDS = 1.0  # of this thread's own processor time
CITATION = re.compile(r"\[[^\[\]\n]{1,255}?,\s*(?:pp?\.|pages?|lines?|rows?|§)\s?[^\[\]\n]{1,300}\]", re.IGNORECASE)
PARSED: Callable[[str], Iterable[tuple[Any, Any]]] = import_module("re._parser").parse  # there is no public way
PLAIN = {"LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "CATEGORY"}


class PatternRefused(ValueError):
    """A pattern that does not compile, or that could hold up a worker."""


def misses(checks: ChecksSpec, text: str) -> list[str]:
    """A sentence for everything that the text lacks."""
    return list(_misses(checks, text))


def asks_anything(checks: ChecksSpec) -> bool:
    return checks != ChecksSpec()


def _misses(checks: ChecksSpec, text: str) -> Iterator[str]:
    words = len(text.split())
    if words < checks.min_words:
        yield f"Its length in words is {words}; at least {checks.min_words} are asked for."
    if checks.max_words and words > checks.max_words:
        yield f"Its length in words is {words}; at most {checks.max_words} are allowed."
    if checks.must_cite and not CITATION.search(text):
        yield "It cites nothing: name the source of each claim, as in [study.pdf, p. 2]."
    if checks.must_match and (missing := _not_found(checks.must_match, text)):
        yield missing


def _not_found(pattern: str, text: str) -> str:
    """Line by line, a long line in pieces that overlap, so that the cost of each look has a bound."""
    search, end = compiled(pattern).search, time.thread_time() + SECONDS  # a busy machine makes no pattern slow
    for line in text.splitlines():
        for start in range(0, max(1, len(line)), LINE // 2):
            if search(line, start, start + LINE):
                return ""
            if time.thread_time() > end:
                return f"It could not be searched for {pattern} in {SECONDS:g} second; use a simpler pattern."
    return f"Nothing in it matches {pattern}"


def compiled(pattern: str) -> re.Pattern[str]:
    """Raises PatternRefused. Python's expressions go back and try again, some of them for hours: those are refused beforehand."""
    if len(pattern) > PATTERN_LIMIT:
        raise PatternRefused(f"A pattern has at most {PATTERN_LIMIT} characters.")
    try:
        found = re.compile(pattern)
        cost = LINE * _cost(PARSED(pattern))
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternRefused(f"This is not a regular expression: {error}.") from error
    if cost > COST:
        raise PatternRefused(
            "This pattern can take too long: one “*” or “+” is allowed, give the others bounds as in {1,40}."
        )
    return found


def _cost(parts: Iterable[tuple[Any, Any]]) -> float:
    """In how many ways the expression can be laid over a line, at worst."""
    ways = 1.0
    for kind, value in parts:
        ways *= _ways(str(kind), value)
        if ways > COST:
            return ways
    return ways


def _ways(kind: str, value: Any) -> float:
    if kind in PLAIN:
        return 1.0
    if kind == "SUBPATTERN":
        return _cost(value[-1])
    if kind == "BRANCH":
        return sum(map(_cost, value[1]))
    if kind in {"MAX_REPEAT", "MIN_REPEAT"}:
        return _repeated(*value)
    raise PatternRefused("A pattern has no look-ahead, no look-behind and no references to its own groups.")


def _repeated(least: int, most: int, body: Iterable[tuple[Any, Any]]) -> float:
    inner, reach = _cost(body), min(int(most), LINE)
    if inner > 1:
        return float("inf") if reach > 30 else inner**reach * (reach - least + 1)
    return float(max(1, reach - least + 1))
