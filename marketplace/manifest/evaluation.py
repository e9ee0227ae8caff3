"""How a listing proves that it does what it says: cases with their inputs, and what must be true of each answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from agents.runtimes.rules import PATTERN_LIMIT, PatternRefused, compiled
from marketplace.manifest.text import InputName, Key, Line, Part, Prose, Sentence


def _safe(pattern: str) -> str:
    try:
        compiled(pattern)
    except PatternRefused as refusal:
        raise PydanticCustomError("pattern", "{reason}", {"reason": str(refusal)}) from refusal
    return pattern


Pattern = Annotated[str, Field(min_length=1, max_length=PATTERN_LIMIT), AfterValidator(_safe)]
Words = Annotated[int, Field(ge=0, le=100_000)]


class Contains(Part):
    """The answer has this text in it; case does not matter."""

    kind: Literal["contains"]
    value: Sentence


class Absent(Part):
    """The answer has this text nowhere in it; case does not matter."""

    kind: Literal["absent"]
    value: Sentence


class Equals(Part):
    """The answer is this text, but for white space around it."""

    kind: Literal["equals"]
    value: Prose


class Matches(Part):
    """Some line of the answer has something that matches this expression, of the kind that cannot hold up a worker."""

    kind: Literal["pattern"]
    value: Pattern


class Fits(Part):
    """The answer is JSON that fits this schema."""

    kind: Literal["schema"]
    value: dict[str, Any]


class MinWords(Part):
    kind: Literal["min_words"]
    value: Words


class MaxWords(Part):
    kind: Literal["max_words"]
    value: Words


class Citations(Part):
    """At least so many citations such as `[study.pdf, p. 2]`."""

    kind: Literal["citations"]
    value: Annotated[int, Field(ge=1, le=1_000)] = 1


Expect = Annotated[
    Contains | Absent | Equals | Matches | Fits | MinWords | MaxWords | Citations, Field(discriminator="kind")
]


class CaseDocument(Part):
    """A text that stands in the sandbox's knowledge while the case is tried."""

    title: Line
    text: Prose


class Case(Part):
    """One trial. It is passed when everything that it expects is true; `weight` is its share in the result."""

    name: Key
    inputs: Annotated[dict[InputName, Any], Field(max_length=100)] = Field(default_factory=dict)
    documents: Annotated[tuple[CaseDocument, ...], Field(max_length=5)] = ()
    expect: Annotated[tuple[Expect, ...], Field(min_length=1, max_length=20)]
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0


class Evaluation(Part):
    """`threshold` is the weighted share of passed trials that is enough; `usd` bounds what all of them together may cost."""

    repeats: Annotated[int, Field(ge=1, le=5)] = 1
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.8
    usd: Annotated[float, Field(ge=0, le=20)] = 0.5
    cases: Annotated[tuple[Case, ...], Field(min_length=1, max_length=20)]
