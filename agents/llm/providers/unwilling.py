"""What a model does not take: found out once, by being refused, then left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# A parameter that we may send, and what to send in its place.
INSTEAD = {"max_completion_tokens": "max_tokens", "max_tokens": "max_completion_tokens"}


class Unwilling:
    """Parameters that models refused, for as long as this process lives."""

    def __init__(self, droppable: Iterable[str]) -> None:
        self._droppable = frozenset(droppable)
        self._refused: dict[tuple[str, str], frozenset[str]] = {}

    def without(self, key: tuple[str, str], arguments: dict[str, Any]) -> dict[str, Any]:
        """`arguments` as the model at `key` (address, name) takes them."""
        refused = self._refused.get(key, frozenset())
        kept = {name: value for name, value in arguments.items() if name not in refused}
        for name in refused & arguments.keys() & INSTEAD.keys():
            kept.setdefault(INSTEAD[name], arguments[name])
        return kept

    def learn(self, key: tuple[str, str], arguments: dict[str, Any], *, status: int, said: str) -> bool:
        """Whether a refusal was about something that can be left out; from now on it is."""
        if status not in {400, 422}:
            return False
        named = {name for name in self._droppable & arguments.keys() if name in said}
        if not named:
            return False
        self._refused[key] = self._refused.get(key, frozenset()) | named
        return True
