"""What a slot can hold, and how a number is made to fit: kept within its bounds, whole where it must be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from simulations.engine.world.scene import Array

SlotKind = Literal["float", "int", "bool", "enum", "text"]
_DTYPES = {"float": "<f8", "int": "<i8", "bool": "?", "enum": "u1"}


@dataclass(frozen=True, slots=True)
class SlotForm:
    """`words` are for an enum, whose values are positions; bounds are inclusive."""

    name: str
    kind: SlotKind
    low: float = -math.inf
    high: float = math.inf
    words: tuple[str, ...] = ()
    history: int = 0
    max_length: int = 500

    @property
    def dtype(self) -> str:
        """As the state keeps it; text is kept beside the columns."""
        return _DTYPES[self.kind]

    def fit(self, value: Any) -> Any:
        """One plain value as the slot holds it; halves are rounded to the even number."""
        if self.kind == "bool":
            return bool(value)
        if self.kind == "enum":
            return int(value)
        kept = min(max(value, self.low), self.high)
        return round(kept) if self.kind == "int" else float(kept)

    def fit_column(self, values: Array) -> Array:
        """The same for many."""
        if self.kind in ("bool", "enum"):
            return values
        kept = values if self.low == -math.inf and self.high == math.inf else np.clip(values, self.low, self.high)
        return np.rint(kept) if self.kind == "int" else kept
