"""What people do to a play from outside. Each act has the step at whose start it counts, so that a replay does it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

InterventionKind = Literal["parameter", "event", "message", "seat"]


@dataclass(frozen=True, slots=True)
class Intervention:
    """`kind` says what `target` is: a live `parameter`, a global (`event`), an agent's row (`message`, `seat`).

    `value` is the new value, the text said, or whether the seat is taken (true) or left (false). `by` is who did it.
    """

    step: int
    kind: InterventionKind
    target: str
    value: Any
    by: str = ""
