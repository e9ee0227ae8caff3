"""Collecting all that is wrong, so that one refusal names everything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import product

from simulations.engine.expressions import (
    Expression,
    ExpressionFailed,
    ExpressionRefused,
    Kind,
    Scope,
    listed,
    suggestion,
)
from simulations.engine.expressions.nodes import Called, walk
from simulations.engine.expressions.scalars import Value
from simulations.engine.parameters import Value as Setting
from simulations.engine.spec.base import Formula
from simulations.engine.spec.scenario import AbmSpec
from simulations.engine.spec.scopes import formula

Path = tuple[str | int, ...]
Fault = tuple[Path, str, str]
MOST_CORNERS = 6


class Faults:
    """The faults of one scenario so far. `at` gives a narrower view that writes into the same list."""

    def __init__(self, found: list[Fault], path: Path = ()) -> None:
        self.found = found
        self.path = path

    def at(self, *parts: str | int) -> Faults:
        return Faults(self.found, (*self.path, *parts))

    def add(self, code: str, detail: str) -> None:
        self.found.append((self.path, code, detail))

    def known(self, name: str | None, names: Collection[str], what: str) -> bool:
        """Whether the name is one of these; null is."""
        if name is None or name in names:
            return True
        self.add("unknown", f"There is no {what} “{name}”.{suggestion(name, names)} There are: {listed(names)}.")
        return False

    def expression(self, text: Formula | None, scope: Scope, wants: Kind | None = None) -> Expression | None:
        """The expression, or null and a fault; null too where there is none."""
        if text is None:
            return None
        try:
            return formula(text, scope, wants)
        except ExpressionRefused as refused:
            self.add("expression", refused.detail)
            return None


def corners(spec: AbmSpec, names: Iterable[str]) -> list[dict[str, Setting]]:
    """Sets of parameters at which an expression of these names is tried: the defaults first, then all ends of their ranges.

    Of more than six parameters only the defaults, all lowest and all highest.
    """
    defaults: dict[str, Setting] = {name: setting.default for name, setting in spec.parameters.items()}
    moved = [name for name in dict.fromkeys(name.removeprefix("param.") for name in names) if name in spec.parameters]
    ends = [_ends(spec, name) for name in moved]
    if len(moved) > MOST_CORNERS:
        combinations: Iterable[tuple[Setting, ...]] = [
            tuple(each[0] for each in ends),
            tuple(each[-1] for each in ends),
        ]
    else:
        combinations = product(*ends)
    return [defaults, *({**defaults, **dict(zip(moved, values, strict=True))} for values in combinations)]


def _ends(spec: AbmSpec, name: str) -> list[Setting]:
    setting = spec.parameters[name]
    if setting.type == "choice":
        return list(setting.choices)
    if setting.type == "bool":
        return [False, True]
    found = [value for value in (setting.min, setting.default, setting.max) if isinstance(value, int | float)]
    return list(dict.fromkeys(int(value) if setting.type == "int" else value for value in found))


def value_at(expression: Expression, parameters: dict[str, Setting]) -> Value | None:
    """What an expression of parameters alone gives; null where it gives nothing."""
    values = parameters | {f"param.{name}": value for name, value in parameters.items()}
    try:
        return expression.scalar()(values)
    except ExpressionFailed:
        return None


def check_constant(
    faults: Faults, spec: AbmSpec, expression: Expression | None, fits: Callable[[float], bool], detail: str
) -> None:
    """A fault where an expression of numbers and parameters alone can give what does not fit."""
    if expression is None or expression.draws or not expression.names <= _settings(spec):
        return
    for parameters in corners(spec, expression.names):
        value = value_at(expression, parameters)
        if isinstance(value, bool | int | float) and not fits(float(value)):
            faults.add("out_of_range", detail.format(value=f"{float(value):g}"))
            return


def check_probability(faults: Faults, spec: AbmSpec, expression: Expression | None) -> None:
    """A fault where a probability is outside 0 to 1, also one given to `chance`."""
    detail = "A probability is between 0 and 1; this can be {value}."
    check_constant(faults, spec, expression, lambda value: 0 <= value <= 1, detail)
    check_chances(faults, spec, expression)


def check_chances(faults: Faults, spec: AbmSpec, expression: Expression | None) -> None:
    for node in walk(expression.tree) if expression else ():
        if isinstance(node, Called) and node.function == "chance":
            inner = Expression(expression.text, node.arguments[0], 0) if expression else None
            detail = "chance(p) takes a probability between 0 and 1; this can be {value}."
            check_constant(faults, spec, inner, lambda value: 0 <= value <= 1, detail)


def _settings(spec: AbmSpec) -> frozenset[str]:
    return frozenset(spec.parameters) | {f"param.{name}" for name in spec.parameters}
