"""One value at a time: the tree as one Python lambda. `values` is a mapping by name, or a sequence in a given order."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulations.engine.expressions.functions import FUNCTIONS
from simulations.engine.expressions.grammar import ONE_AT_A_TIME
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
    walk,
)
from simulations.engine.expressions.refusals import ExpressionFailed

Value = float | bool | str
Values = Mapping[str, Any] | Sequence[Any]
Draw = Callable[[int], float]
Scalar = Callable[..., Value]

_SIGNS: dict[str, ast.operator] = {
    "+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div(), "//": ast.FloorDiv(), "%": ast.Mod(),
}  # fmt: skip
_COMPARED: dict[str, ast.cmpop] = {
    "==": ast.Eq(), "!=": ast.NotEq(), "<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE(),
}  # fmt: skip


def compile_scalar(tree: Node, text: str, order: Sequence[str] | None, *, coded: bool) -> Scalar:
    """`f(values)`, or `f(values, draw)` where it draws: `draw(site)` gives a number in [0, 1). Raises ExpressionFailed.

    `coded`: words are given and returned as their positions, as columns hold them. Give plain Python numbers: numpy's
    do not refuse to be divided by zero.
    """
    body = _Writer(order, coded=coded).write(tree)
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg("v"), ast.arg("d")], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    source = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, body)))
    known = {name: function.work for name, function in FUNCTIONS.items()}
    with ONE_AT_A_TIME:
        code = compile(source, "<expression>", "eval")
    work = eval(code, {"__builtins__": {}, **known})  # noqa: S307  # built from our own nodes, never from text
    return _guarded(work, text, tree)


def _guarded(work: Callable[[Values, Draw | None], Any], text: str, tree: Node) -> Scalar:
    may_overflow = tree.kind == "number" and any(
        isinstance(node, Arithmetic | Called | Name | Past) for node in walk(tree)
    )

    def run(values: Values, draw: Draw | None = None) -> Value:
        try:
            value: Value = work(values, draw)
        except (ZeroDivisionError, ValueError, OverflowError) as fault:
            raise ExpressionFailed(text, str(fault)) from None
        if may_overflow and value - value != 0:  # type: ignore[operator]  # numbers only; nan and inf are the only ones
            raise ExpressionFailed(text, "it is not a finite number")
        return value

    return run


class _Writer:
    def __init__(self, order: Sequence[str] | None, *, coded: bool) -> None:
        self.places = None if order is None else {name: number for number, name in enumerate(order)}
        self.coded = coded

    def write(self, node: Node) -> ast.expr:
        match node:
            case Number(value=value) | Truth(value=value):
                return ast.Constant(value)
            case Word(value=value, kind=kind):
                return ast.Constant(kind.index(value) if self.coded and isinstance(kind, tuple) else value)
            case Name(key=key) | Past(key=key):
                return self._look_up(key)
            case Negative(of=of):
                return ast.UnaryOp(ast.USub(), self.write(of))
            case Not(of=of):
                return ast.UnaryOp(ast.Not(), self.write(of))
            case _:
                return self._compound(node)

    def _look_up(self, key: str) -> ast.expr:
        place: str | int = key if self.places is None else self.places[key]
        return ast.Subscript(ast.Name("v", ast.Load()), ast.Constant(place), ast.Load())

    def _compound(self, node: Node) -> ast.expr:
        match node:
            case Arithmetic(sign=sign, left=left, right=right):
                return ast.BinOp(self.write(left), _SIGNS[sign], self.write(right))
            case Joined(word=word, parts=parts):
                return ast.BoolOp(ast.And() if word == "and" else ast.Or(), [self.write(part) for part in parts])
            case Compared(signs=signs, parts=(first, *rest)):
                return ast.Compare(
                    self.write(first), [_COMPARED[sign] for sign in signs], [self.write(p) for p in rest]
                )
            case Chosen(condition=condition, yes=yes, no=no):
                return ast.IfExp(self.write(condition), self.write(yes), self.write(no))
            case Called():
                return self._call(node)
            case _:
                raise TypeError(f"no such part: {node!r}")

    def _call(self, node: Called) -> ast.expr:
        arguments = [self.write(argument) for argument in node.arguments]
        if node.site >= 0:
            draw: ast.expr = ast.Call(ast.Name("d", ast.Load()), [ast.Constant(node.site)], [])
            arguments = [draw, *arguments]
        return ast.Call(ast.Name(node.function, ast.Load()), arguments, [])
