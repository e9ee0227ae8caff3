"""The tree of an expression after it was checked: only what the language has, each part with its kind."""

from __future__ import annotations

from dataclasses import dataclass

from simulations.engine.expressions.scope import Kind


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Truth:
    value: bool
    kind: Kind = "bool"


@dataclass(frozen=True, slots=True)
class Word:
    """A quoted word; its kind becomes the words that it stands beside, until then it is text."""

    value: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Name:
    """`key` is the spelling under which its value is looked up: `group`, `self.group`, `lag(wealth,1)`."""

    key: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Past:
    """`lag(slot, steps)` or `mean_of(slot, steps)`: looked up under `key` like a name. `steps` has numbers and parameters only."""

    key: str
    function: str
    slot: str
    steps: Node
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Negative:
    of: Node
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Not:
    of: Node
    kind: Kind = "bool"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`sign` is one of + - * / // %."""

    sign: str
    left: Node
    right: Node
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Joined:
    """`word` is `and` or `or`; parts from the left, as far as needed."""

    word: str
    parts: tuple[Node, ...]
    kind: Kind = "bool"


@dataclass(frozen=True, slots=True)
class Compared:
    """`a < b <= c`: one sign between each two parts."""

    signs: tuple[str, ...]
    parts: tuple[Node, ...]
    kind: Kind = "bool"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`yes if condition else no`."""

    condition: Node
    yes: Node
    no: Node
    kind: Kind


@dataclass(frozen=True, slots=True)
class Called:
    """A function of the language; `site` numbers the draws from the left, -1 where nothing is drawn."""

    function: str
    arguments: tuple[Node, ...]
    kind: Kind
    site: int = -1


Node = Number | Truth | Word | Name | Past | Negative | Not | Arithmetic | Joined | Compared | Chosen | Called


def inner(node: Node) -> tuple[Node, ...]:
    """The parts directly under it."""
    match node:
        case Negative(of=of) | Not(of=of):
            return (of,)
        case Arithmetic(left=left, right=right):
            return left, right
        case Joined(parts=parts) | Compared(parts=parts):
            return parts
        case Chosen(condition=condition, yes=yes, no=no):
            return condition, yes, no
        case Called(arguments=arguments):
            return arguments
        case _:
            return ()


def walk(node: Node) -> list[Node]:
    """It and everything under it."""
    found, left = [], [node]
    while left:
        here = left.pop()
        found.append(here)
        left.extend(inner(here))
    return found
