"""What a model does not take: found out once, by being refused, then left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

# A parameter that we may send, and what to send in its place.
INSTEAD = {"max_completion_tokens": "max_tokens", "max_tokens": "max_completion_tokens"}
_TOO_MUCH = re.compile(
    r"too (?:large|big|high|long)|at most|maximum|exceed|range|less than|greater than", re.IGNORECASE
)


class Unwilling:
    """Parameters that models refused, for as long as this process lives."""

    def __init__(self, droppable: Iterable[str]) -> None:
        self._droppable = frozenset(droppable)
        self._refused: dict[tuple[str, str], frozenset[str]] = {}
        self._too_much: dict[tuple[str, str], int] = {}

    def without(self, key: tuple[str, str], arguments: dict[str, Any]) -> dict[str, Any]:
        """`arguments` as the model at `key` (address, name) takes them."""
        refused, too_much = self._refused.get(key, frozenset()), self._too_much.get(key)
        kept = {name: value for name, value in arguments.items() if name not in refused}
        for name in refused & arguments.keys() & INSTEAD.keys():
            if INSTEAD[name] not in refused:
                kept.setdefault(INSTEAD[name], arguments[name])
        for name in kept.keys() & INSTEAD.keys():
            if too_much is not None and kept[name] >= too_much:
                del kept[name]  # longer than the model can answer at all, and so no bound
        return kept

    def learn(self, key: tuple[str, str], arguments: dict[str, Any], *, status: int, said: str) -> bool:
        """Whether a refusal was about something that can be left out; from now on it is. Never twice about the same: who is
        refused again would ask for ever."""
        if status not in {400, 422}:
            return False
        named = {name for name in self._droppable & arguments.keys() if name in said}
        lengths = named & INSTEAD.keys()
        if lengths and _TOO_MUCH.search(said):
            self._too_much[key] = min(arguments[name] for name in lengths)
            return True
        known = self._refused.get(key, frozenset())
        self._refused[key] = known | named
        return not named <= known
