"""The actions that a decision may name, with the bounds of their arguments."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulations.engine.errors import SimulationError

ArgKind = Literal["int", "float", "enum", "text"]
MOST_TEXT = 500


class ArgumentRefused(SimulationError):
    """A value that an argument cannot take."""


@dataclass(frozen=True, slots=True)
class ArgForm:
    """One argument. Bounds are inclusive; `choices` are for `enum`, `max_length` for `text`."""

    name: str
    kind: ArgKind = "float"
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    max_length: int = MOST_TEXT

    def accept(self, value: object) -> float | str:
        """The value as it is, if it is one of this kind within the bounds; else ArgumentRefused."""
        if self.kind == "text":
            return self._text(value)
        if self.kind == "enum":
            if value not in self.choices:
                raise ArgumentRefused(f"{self.name} must be one of: {', '.join(self.choices)}; not {value!r}.")
            return str(value)
        return self._number(value)

    def _text(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > self.max_length:
            raise ArgumentRefused(f"{self.name} must be a text of at most {self.max_length} characters.")
        return value

    def _number(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ArgumentRefused(f"{self.name} must be a number; not {value!r}.")
        if self.kind == "int" and value != int(value):
            raise ArgumentRefused(f"{self.name} must be a whole number; not {value:g}.")
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not low <= value <= high:
            raise ArgumentRefused(f"{self.name} must be between {low:g} and {high:g}; not {value:g}.")
        return int(value) if self.kind == "int" else float(value)

    def fit(self, value: Any) -> Any:
        """What a rule worked out, as this kind: whole numbers are rounded half to even. Bounds are checked later."""
        return round(value) if self.kind == "int" else value

    def fit_column(self, values: NDArray[Any]) -> NDArray[Any]:
        """The same for a column."""
        return np.rint(values) if self.kind == "int" else values

    def schema(self) -> Mapping[str, Any]:
        """As JSON Schema. Bounds are said in words too: not every provider holds a model to them."""
        if self.kind == "text":
            return {"type": "string", "maxLength": self.max_length}
        if self.kind == "enum":
            return {"type": "string", "enum": list(self.choices)}
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        known = {word: bound for word, bound in bounds.items() if bound is not None}
        return {"type": "integer" if self.kind == "int" else "number", **known}


@dataclass(frozen=True, slots=True)
class ActionForm:
    """One action: its name, what it is called before people and models, and its arguments."""

    name: str
    label: str = ""
    args: tuple[ArgForm, ...] = ()

    def arg(self, name: str) -> ArgForm:
        return next(form for form in self.args if form.name == name)

    def accept(self, given: object) -> dict[str, float | str]:
        """All arguments, each within its bounds; ArgumentRefused if one is missing, unknown or out of bounds."""
        if not isinstance(given, Mapping):
            raise ArgumentRefused(f"The arguments of {self.name} must be an object.")
        known = {form.name for form in self.args}
        if wrong := known ^ set(given):
            words = "lacks" if wrong & known else "does not take"
            raise ArgumentRefused(f"{self.name} {words} {', '.join(sorted(map(str, wrong & known or wrong)))}.")
        return {form.name: form.accept(given[form.name]) for form in self.args}
