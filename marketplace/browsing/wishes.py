"""What somebody looks for on the market, in the words of the address line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from urllib.parse import urlencode


class Ordering(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    RATING = "rating"
    INSTALLS = "installs"
    COST = "cost"
    TITLE = "title"


COLUMNS: Mapping[Ordering, tuple[str, ...]] = {
    Ordering.RELEVANCE: ("-weight", "pk"),
    Ordering.NEWEST: ("-published_at", "pk"),
    Ordering.RATING: ("-rating", "pk"),
    Ordering.INSTALLS: ("-workspaces", "pk"),
    Ordering.COST: ("usd", "pk"),
    Ordering.TITLE: ("title", "pk"),
}
COSTS = ("0", "0.1", "0.5", "1", "5")
TRAITS = ("kind", "category", "risk", "needs", "offline", "licence", "language", "cost")


@dataclass(frozen=True, slots=True)
class Wish:
    """Empty means anything. `cost` is the most that a run may cost, one of COSTS; `all` brings failing and deprecated ones."""

    q: str = ""
    kind: str = ""
    category: str = ""
    risk: str = ""
    needs: str = ""
    offline: str = ""
    licence: str = ""
    language: str = ""
    cost: str = ""
    tag: str = ""
    all: str = ""
    ordering: Ordering = Ordering.RELEVANCE

    @property
    def columns(self) -> tuple[str, ...]:
        return COLUMNS[self.ordering]

    @property
    def traits(self) -> list[str]:
        """What an entry's traits must hold."""
        return [f"{name}:{value}" for name in TRAITS if (value := getattr(self, name))]

    def said(self) -> dict[str, str]:
        """Everything that is asked for, as the address says it; what is empty or usual is left out."""
        told = {field.name: str(getattr(self, field.name)) for field in fields(self)}
        if self.ordering == Ordering.RELEVANCE:
            del told["ordering"]
        return {name: value for name, value in told.items() if value}

    def but(self, **changes: str) -> Wish:
        return replace(self, **changes)  # type: ignore[arg-type] # all filters are texts

    @property
    def query(self) -> str:
        return urlencode(self.said())
