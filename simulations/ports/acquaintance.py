"""Which workspaces' providers answered a moment ago, as far as this process knows: such a one need not be tried with care."""

from __future__ import annotations

import time

LATELY = 60.0
_answered: dict[str, float] = {}


def note_answer(schema: str) -> None:
    _answered[schema] = time.monotonic()


def note_failure(schema: str) -> None:
    _answered.pop(schema, None)


def answered_lately(schema: str) -> bool:
    """Within the last minute, and nothing has failed since."""
    return time.monotonic() - _answered.get(schema, -LATELY) < LATELY


def forget() -> None:
    _answered.clear()
