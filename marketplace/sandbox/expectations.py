"""Does an answer hold what its case expects? Looked at without a model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agents.llm.schemas import first_fault
from agents.llm.types import RequestRefused
from agents.runtimes.rules import misses
from agents.runtimes.spec import ChecksSpec
from marketplace.manifest.evaluation import (
    Absent,
    Citations,
    Contains,
    Equals,
    Expect,
    Fits,
    Matches,
    MaxWords,
    MinWords,
)
from projects.rendering import CITATION

SHOWN = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run gave: its text, and the data where it has a form."""

    text: str
    data: Any = None


def unmet(answer: Answer, expected: Iterable[Expect]) -> list[str]:
    """One sentence for each expectation that does not hold; none when all do."""
    return [sentence for each in expected if (sentence := _fault(answer, each))]


def _fault(answer: Answer, expected: Expect) -> str:
    match expected:
        case Contains() | Absent() | Equals() | Matches():
            return _text_fault(answer.text, expected)
        case MinWords() | MaxWords() | Citations():
            return _count_fault(answer.text, expected)
        case Fits():
            return _form_fault(answer, expected.value)


def _text_fault(text: str, expected: Contains | Absent | Equals | Matches) -> str:
    said = _short(expected.value)
    match expected:
        case Contains():
            return "" if expected.value.casefold() in text.casefold() else f"The answer does not have “{said}” in it."
        case Absent():
            return f"The answer has “{said}” in it." if expected.value.casefold() in text.casefold() else ""
        case Equals():
            return "" if text.strip() == expected.value.strip() else f"The answer is not “{said}”."
        case Matches():
            return next(iter(misses(ChecksSpec(must_match=expected.value), text)), "")


def _count_fault(text: str, expected: MinWords | MaxWords | Citations) -> str:
    match expected:
        case MinWords():
            words = len(text.split())
            return (
                ""
                if words >= expected.value
                else f"The answer has {words} words; at least {expected.value} are expected."
            )
        case MaxWords():
            words = len(text.split())
            return (
                ""
                if words <= expected.value
                else f"The answer has {words} words; at most {expected.value} are expected."
            )
        case Citations():
            cited = len(CITATION.findall(text))
            return (
                ""
                if cited >= expected.value
                else f"The answer has {cited} citations; at least {expected.value} are expected."
            )


def _form_fault(answer: Answer, schema: dict[str, Any]) -> str:
    data = answer.data
    if data is None:
        try:
            data = json.loads(answer.text)
        except ValueError:
            return "The answer is not JSON."
    try:
        fault = first_fault(data, schema)
    except RequestRefused as refusal:
        return f"The case's schema cannot be used: {_short(refusal.detail)}"
    return f"The answer does not fit the schema: {_short(fault)}" if fault else ""


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
