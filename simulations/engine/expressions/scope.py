"""Which names an expression may use, and what kind of value each has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal

Words = tuple[str, ...]
Kind = Literal["number", "bool", "text"] | Words
"""What a value is: a number, yes or no, free text, or one of some words (an enum or choice; in columns its position there)."""

RESERVED = frozenset(
    [
        "and",
        "or",
        "not",
        "if",
        "else",
        "is",
        "in",
        "for",
        "while",
        "lambda",
        "def",
        "class",
        "return",
        "yield",
        "import",
        "from",
        "as",
        "with",
        "try",
        "except",
        "finally",
        "raise",
        "pass",
        "break",
        "continue",
        "del",
        "global",
        "nonlocal",
        "assert",
        "async",
        "await",
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "self",
        "partner",
        "metric",
        "space",
        "param",
        "pool",
        "market",
        "step",
        "time",
        "neighbors",
        "all",
    ]  # read as a sentence
)
"""Names that nothing in a scenario may have: an expression could not speak of it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`names` by their spelling (`similar`, `self.group`, `global.price`); `draws`: may it draw random numbers; `history`:
    how many past values of a slot `lag` and `mean_of` may look at; `parameters`: names that stand still while a step is played, of which their number of steps may be made."""

    names: Mapping[str, Kind]
    draws: bool = False
    history: Mapping[str, int] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()

    def with_names(self, names: Mapping[str, Kind]) -> Scope:
        """The same and more; what is added hides what was there."""
        return replace(self, names={**self.names, **names})

    def drawing(self) -> Scope:
        """The same, where random numbers may be drawn."""
        return replace(self, draws=True)


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """` Did you mean “x”?`, or nothing where no known name is near."""
    near = get_close_matches(wrong, list(known), 1, 0.6)
    return f" Did you mean “{near[0]}”?" if near else ""


def listed(names: Iterable[str], most: int = 30) -> str:
    """Names for a sentence, sorted; a long list is cut."""
    found = sorted(names)
    rest = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + rest if found else "none"


def kind_in_words(kind: Kind) -> str:
    if isinstance(kind, tuple):
        return "one of " + ", ".join(f"'{word}'" for word in kind)
    return {"number": "a number", "bool": "yes or no", "text": "text"}[kind]
