"""The actions that a decision may name, with the bounds of their arguments."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from simulations.engine.decisions import Word
from simulations.engine.errors import SimulationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

ArgKind = Literal["int", "float", "bool", "choice", "text"]
MOST_TEXT = 500


class ArgumentRefused(SimulationError):
    """A value that an argument cannot take."""


@dataclass(frozen=True, slots=True)
class ArgForm:
    """One argument. Bounds are inclusive; `choices` are for `choice`, `max_length` for `text`.

    With a `default` it need not be given.
    """

    name: str
    kind: ArgKind = "float"
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    max_length: int = MOST_TEXT
    default: Word | None = None
    label: str = ""

    def accept(self, value: object) -> Word:
        """The value as it is, if it is one of this kind within the bounds; else ArgumentRefused."""
        checks = {"text": self._text, "choice": self._choice, "bool": self._truth}
        return checks.get(self.kind, self._number)(value)

    def _text(self, value: object) -> Word:
        if not isinstance(value, str) or len(value) > self.max_length:
            raise ArgumentRefused(f"{self.name} must be a text of at most {self.max_length} characters.")
        return value

    def _choice(self, value: object) -> Word:
        if not isinstance(value, str) or value not in self.choices:
            raise ArgumentRefused(f"{self.name} must be one of: {', '.join(self.choices)}; not {_cut(value)}.")
        return value

    def _truth(self, value: object) -> Word:
        if not isinstance(value, bool):
            raise ArgumentRefused(f"{self.name} must be true or false; not {_cut(value)}.")
        return value

    def _number(self, value: object) -> Word:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ArgumentRefused(f"{self.name} must be a number; not {_cut(value)}.")
        if self.kind == "int" and value != int(value):
            raise ArgumentRefused(f"{self.name} must be a whole number; not {value:g}.")
        low, high = self._bounds
        if not low <= value <= high:
            raise ArgumentRefused(f"{self.name} must be between {low:g} and {high:g}; not {value:g}.")
        return int(value) if self.kind == "int" else float(value)

    @property
    def _bounds(self) -> tuple[float, float]:
        low = -math.inf if self.minimum is None else self.minimum
        return low, math.inf if self.maximum is None else self.maximum

    def fit(self, value: Any) -> Any:
        """What a rule worked out, brought within the bounds; whole numbers are rounded half to even."""
        if self.kind not in {"int", "float"}:
            return value
        low, high = self._bounds
        kept = min(max(value, low), high)
        return round(kept) if self.kind == "int" else kept

    def fit_column(self, values: NDArray[Any]) -> NDArray[Any]:
        """The same for a column."""
        import numpy as np  # noqa: PLC0415 - forms are also read where nothing is played

        if self.kind not in {"int", "float"}:
            return values
        kept: NDArray[Any] = np.clip(values, *self._bounds)
        return np.asarray(np.rint(kept)) if self.kind == "int" else kept

    def schema(self) -> Mapping[str, Any]:
        """As JSON Schema."""
        if self.kind == "text":
            return {"type": "string", "maxLength": self.max_length}
        if self.kind == "choice":
            return {"type": "string", "enum": list(self.choices)}
        if self.kind == "bool":
            return {"type": "boolean"}
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        known = {word: bound for word, bound in bounds.items() if bound is not None}
        return {"type": "integer" if self.kind == "int" else "number", **known}

    def described(self) -> str:
        """For people and models: `quantity (Units: a whole number from 0 up to 100)`."""
        label = f"{self.label}: " if self.label else ""
        return f"{self.name} ({label}{self._range()})"

    def _range(self) -> str:
        words = {"text": f"a text of at most {self.max_length} characters", "bool": "true or false"}
        if self.kind == "choice":
            return f"one of {', '.join(self.choices)}"
        if self.kind in words:
            return words[self.kind]
        low = "" if self.minimum is None else f" from {self.minimum:g}"
        high = "" if self.maximum is None else f" up to {self.maximum:g}"
        return f"{'a whole number' if self.kind == 'int' else 'a number'}{low}{high}"


@dataclass(frozen=True, slots=True)
class ActionForm:
    """One action: its name, what it is called before people and models, and its arguments."""

    name: str
    label: str = ""
    args: tuple[ArgForm, ...] = ()

    def arg(self, name: str) -> ArgForm:
        return next(form for form in self.args if form.name == name)

    def accept(self, given: object) -> dict[str, Word]:
        """All arguments, each within its bounds; ArgumentRefused if one is missing, unknown or out of bounds."""
        if not isinstance(given, Mapping):
            raise ArgumentRefused(f"The arguments of {self.name} must be an object.")
        filled = {form.name: form.default for form in self.args if form.default is not None} | dict(given)
        if unknown := set(filled) - {form.name for form in self.args}:
            raise ArgumentRefused(f"{self.name} does not take {', '.join(sorted(map(str, unknown)))}.")
        if missing := [form.name for form in self.args if form.name not in filled]:
            raise ArgumentRefused(f"{self.name} lacks {', '.join(missing)}.")
        return {form.name: form.accept(filled[form.name]) for form in self.args}

    def described(self) -> str:
        """For people and models: `order: Order some cases. Give quantity (a whole number from 0 to 100).`"""
        told = f"{self.name}: {self.label}" if self.label else self.name
        return f"{told}. Give {', '.join(form.described() for form in self.args)}." if self.args else told


def _cut(value: object) -> str:
    return repr(value)[:80]
