"""What models were asked for, as lines of a table. Runs keep their calls here; apps above this one say what they asked besides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple


class Used(NamedTuple):
    """A line of the usage table: what is summed, and the sums. Who knows only `total_tokens` leaves its parts at 0."""

    key: str
    label: str
    model_calls: int
    cached_calls: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cost: Decimal

    def plus(self, other: Used) -> Used:
        return Used(
            self.key,
            self.label,
            self.model_calls + other.model_calls,
            self.cached_calls + other.cached_calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.total_tokens + other.total_tokens,
            self.cost + other.cost,
        )


Book = Callable[[str, datetime, datetime], Iterable[Used]]
_books: list[Book] = []


def register(book: Book) -> None:
    """Called once, from an app's ready(). A book is asked by what, from when, and until before when."""
    if book not in _books:
        _books.append(book)


def besides(by: str, start: datetime, end: datetime) -> list[Used]:
    """What was asked outside of runs."""
    return [used for book in _books for used in book(by, start, end)]


def merged(lines: Iterable[Used]) -> list[Used]:
    """Lines of the same key as one, in the order in which the keys came."""
    found: dict[str, Used] = {}
    for used in lines:
        found[used.key] = found[used.key].plus(used) if used.key in found else used
    return list(found.values())
