"""Whole columns at once: the tree as nested functions over numpy arrays, with the results of the scalar lambda.

A part that the scalar would not reach (behind `and`, `or`, `if`) must not fail here either, so each part is given the rows
for which it counts. Powers and logarithms go through the C library one by one: numpy's own differ in the last digit from
machine to machine, and then digests would.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.engine.expressions.functions import SMALLEST_DRAW, standard_normal
from simulations.engine.expressions.nodes import (
    Arithmetic,
    Called,
    Chosen,
    Compared,
    Joined,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Past,
    Truth,
    Word,
)
from simulations.engine.expressions.refusals import ExpressionFailed

Array = NDArray[Any]
Rows = Array | None
"""Rows that count, as yes and no; None for all of them."""
DrawColumn = Callable[[int], Array]
Columns = Callable[..., Array]
LARGEST_POWER = 709.0

_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "//": np.floor_divide, "%": np.mod,
}  # fmt: skip


def compile_columns(tree: Node, text: str) -> Columns:
    """`f(values)`, `f(values, draw)` or `f(values, draw, size)`; `values` may also hold single numbers, words are positions.

    The result has the rows of the values, or `size` of them if that is given. Numbers come as float64, yes and no as bool,
    words as int64 positions. Raises ExpressionFailed with the first row that failed.
    """
    dtype: Any = (
        {"number": np.float64, "bool": np.bool_, "text": object}.get(tree.kind, np.int64)
        if isinstance(tree.kind, str)
        else np.int64
    )

    def run(values: Mapping[str, Any], draw: DrawColumn | None = None, size: int | None = None) -> Array:
        with np.errstate(all="ignore"):
            found = np.asarray(_Work(text, values, draw).out(tree, None), dtype=dtype)
        if dtype is np.float64 and not np.isfinite(found).all():
            raise ExpressionFailed(text, "it is not a finite number", _first(~np.isfinite(found)))
        return found if size is None or found.ndim else np.full(size, found)

    return run


def _first(bad: Array) -> int:
    return int(np.flatnonzero(np.atleast_1d(bad))[0])


class _Work:
    """One evaluation."""

    def __init__(self, text: str, values: Mapping[str, Any], draw: DrawColumn | None) -> None:
        self.text = text
        self.values = values
        self.draw = draw

    def out(self, node: Node, rows: Rows) -> Any:
        match node:
            case Number(value=value) | Truth(value=value):
                return value
            case Word(value=value, kind=kind):
                return kind.index(value) if isinstance(kind, tuple) else value
            case Name(key=key, kind=kind) | Past(key=key, kind=kind):
                return np.asarray(self.values[key], np.float64) if kind == "number" else self.values[key]
            case Negative(of=of):
                return np.negative(self._float(of, rows))
            case Not(of=of):
                return np.logical_not(self.out(of, rows))
            case _:
                return self._compound(node, rows)

    def _float(self, node: Node, rows: Rows) -> Any:
        return np.asarray(self.out(node, rows), np.float64)

    def _compound(self, node: Node, rows: Rows) -> Any:
        match node:
            case Arithmetic(sign=sign, left=left, right=right):
                return self._arithmetic(sign, self._float(left, rows), self._float(right, rows), rows)
            case Joined(word=word, parts=parts):
                return self._joined(word, parts, rows)
            case Compared(signs=signs, parts=parts):
                return self._compared(signs, parts, rows)
            case Chosen(condition=condition, yes=yes, no=no):
                here = np.asarray(self.out(condition, rows), np.bool_)
                return np.where(here, self.out(yes, _both(rows, here)), self.out(no, _both(rows, ~here)))
            case Called():
                return self._call(node, rows)
            case _:
                raise TypeError(f"no such part: {node!r}")

    def _arithmetic(self, sign: str, left: Array, right: Array, rows: Rows) -> Any:
        if sign in {"/", "//", "%"}:
            right = self._without(right == 0, right, 1.0, "division by zero", rows)
        return _SIGNS[sign](left, right)

    def _without(self, bad: Array, values: Array, instead: float, reason: str, rows: Rows) -> Array:
        """`values`, with another number where they are bad and do not count; fails where they do."""
        if not bad.any():
            return values
        counted = bad if rows is None else bad & rows
        if counted.any():
            raise ExpressionFailed(self.text, reason, _first(counted))
        return np.where(bad, instead, values)

    def _joined(self, word: str, parts: tuple[Node, ...], rows: Rows) -> Array:
        found = np.asarray(self.out(parts[0], rows), np.bool_)
        for part in parts[1:]:
            if word == "and":
                found = found & np.asarray(self.out(part, _both(rows, found)), np.bool_)
            else:
                found = found | np.asarray(self.out(part, _both(rows, ~found)), np.bool_)
        return found

    def _compared(self, signs: tuple[str, ...], parts: tuple[Node, ...], rows: Rows) -> Array:
        left, found = self.out(parts[0], rows), None
        for sign, part in zip(signs, parts[1:], strict=True):
            right = self.out(part, rows if found is None else _both(rows, found))
            holds = np.asarray(_COMPARED[sign](left, right), np.bool_)
            found = holds if found is None else found & holds
            left = right
        return np.asarray(found)

    def _call(self, node: Called, rows: Rows) -> Any:
        arguments = [self._float(argument, rows) for argument in node.arguments]
        if node.site < 0:
            return _PURE[node.function](self, rows, *arguments)
        if self.draw is None:
            raise TypeError(f"“{self.text}” draws random numbers and was given none")
        return _DRAWN[node.function](self, rows, np.asarray(self.draw(node.site)), *arguments)

    def sqrt(self, rows: Rows, value: Array) -> Any:
        return np.sqrt(self._without(value < 0, value, 0.0, "a root of less than nothing", rows))

    def exp(self, rows: Rows, value: Array) -> Any:
        return _each(math.exp, self._without(value > LARGEST_POWER, value, 0.0, "it is too large", rows))

    def log(self, rows: Rows, value: Array) -> Any:
        return _each(math.log, self._without(value <= 0, value, 1.0, "a logarithm of what is not above zero", rows))

    def normal(self, rows: Rows, draw: Array, mean: Array, deviation: Array) -> Any:
        deviation = self._without(deviation < 0, deviation, 0.0, "a deviation below zero", rows)
        return mean + deviation * _each(standard_normal, np.maximum(draw, SMALLEST_DRAW))

    def randint(self, rows: Rows, draw: Array, low: Array, high: Array) -> Any:
        width = self._without(high < low, high - low, 0.0, "the upper bound is below the lower one", rows)
        return low + np.floor(draw * (width + 1))

    def exponential(self, rows: Rows, draw: Array, rate: Array) -> Any:
        rate = self._without(rate <= 0, rate, 1.0, "a rate that is not above zero", rows)
        return -_each(math.log1p, -draw) / rate

    def chance(self, rows: Rows, draw: Array, probability: Array) -> Any:
        bad = (probability < 0) | (probability > 1)
        return draw < self._without(bad, probability, 0.0, "a probability outside 0 to 1", rows)


def _both(rows: Rows, more: Array) -> Array:
    return more if rows is None else rows & more


def _each(work: Callable[[float], float], values: Array) -> Array:
    flat = np.fromiter(map(work, np.ravel(values).tolist()), np.float64, values.size)
    return flat.reshape(values.shape)


def _rounded(_work: _Work, _rows: Rows, value: Array, digits: Array | float = 0.0) -> Any:
    scale = np.power(10.0, digits)
    return np.rint(value * scale) / scale


def _least(_work: _Work, _rows: Rows, first: Array, *rest: Array) -> Any:
    for other in rest:
        first = np.minimum(first, other)
    return first


def _most(_work: _Work, _rows: Rows, first: Array, *rest: Array) -> Any:
    for other in rest:
        first = np.maximum(first, other)
    return first


_PURE: dict[str, Callable[..., Any]] = {
    "abs": lambda _work, _rows, value: np.abs(value),
    "min": _least,
    "max": _most,
    "round": _rounded,
    "floor": lambda _work, _rows, value: np.floor(value),
    "ceil": lambda _work, _rows, value: np.ceil(value),
    "sqrt": _Work.sqrt,
    "exp": _Work.exp,
    "log": _Work.log,
    "sign": lambda _work, _rows, value: np.sign(value),
    "clip": lambda _work, _rows, value, low, high: np.minimum(np.maximum(value, low), high),
}
_DRAWN: dict[str, Callable[..., Any]] = {
    "uniform": lambda _work, _rows, draw, low, high: low + draw * (high - low),
    "normal": _Work.normal,
    "randint": _Work.randint,
    "exponential": _Work.exponential,
    "chance": _Work.chance,
}
