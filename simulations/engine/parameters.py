"""What a person may set before a simulation starts, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from simulations.engine.errors import ParametersRefused, Refusal

Value = bool | int | float | str
Parameters = Mapping[str, Value]
Kind = Literal["int", "float", "choice", "bool"]
_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "choice": "one of the choices"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared setting. `minimum` and `maximum` are inclusive; `choices` is for kind `choice`."""

    name: str
    kind: Kind
    default: Value
    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()

    def check(self, value: object) -> Value:
        """The value as the scenario wants it, or ValueError with a sentence."""
        if self.kind == "bool" and isinstance(value, bool):
            return value
        if self.kind == "choice":
            return self._choice(value)
        if self.kind == "int" and isinstance(value, int) and not isinstance(value, bool):
            return int(self._in_range(value))
        if self.kind == "float" and isinstance(value, int | float) and not isinstance(value, bool):
            return float(self._in_range(value))
        raise ValueError(f"{self.label} must be {_WORDS[self.kind]}.")

    def _choice(self, value: object) -> str:
        if isinstance(value, str) and value in self.choices:
            return value
        raise ValueError(f"{self.label} must be one of: {', '.join(self.choices)}.")

    def _in_range(self, value: float) -> float:
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not (low <= value <= high) or math.isinf(value):
            raise ValueError(f"{self.label} must be between {low:g} and {high:g}.")
        return value


def settle_parameters(declared: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Value]:
    """Defaults overlaid with what was given; raises ParametersRefused that names every fault at once."""
    known = {parameter.name: parameter for parameter in declared}
    refusals = [_unknown(name, known) for name in given if name not in known]
    settled: dict[str, Value] = {}
    for name, parameter in known.items():
        try:
            settled[name] = parameter.check(given.get(name, parameter.default))
        except ValueError as fault:
            refusals.append(Refusal(f"parameters.{name}", "invalid", str(fault)))
    if refusals:
        raise ParametersRefused(refusals)
    return settled


def _unknown(name: str, known: Mapping[str, Parameter]) -> Refusal:
    return Refusal(f"parameters.{name}", "unknown", f"There is no parameter {name!r}; there are: {', '.join(known)}.")
