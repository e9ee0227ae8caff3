"""Arithmetic as a model writes it, worked out without running it as Python."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from agents.llm.types import ToolSpec
from agents.runtimes.outcome import ToolFailed, User
from agents.tools.context import ToolContext
from agents.tools.registry import Run, Tool, arguments_of

Number = int | float
LARGEST_POWER = 1_000
LONGEST = 500


def _power(base: Number, power: Number) -> Number:
    if abs(power) > LARGEST_POWER or (isinstance(base, int) and base.bit_length() * abs(power) > LARGEST_POWER * 4):
        raise ValueError("the power is too large")
    return base**power


_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_NAMES: Mapping[str, float] = {"pi": math.pi, "e": math.e}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": math.ceil,
    "floor": math.floor,
    "ln": math.log,
    "log10": math.log10,
    "max": max,
    "min": min,
    "round": round,
    "sqrt": math.sqrt,
}


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.BinOp(left, op, right) if type(op) in _BINARY:
            return _finite(_BINARY[type(op)](_value(left), _value(right)))
        case ast.UnaryOp(op, operand) if type(op) in _UNARY:
            return _finite(_UNARY[type(op)](_value(operand)))
        case ast.Name(name) if name in _NAMES:
            return _NAMES[name]
        case ast.Call(ast.Name(name), args, []) if name in FUNCTIONS and args:
            return _finite(FUNCTIONS[name](*map(_value, args)))
    raise ValueError("use numbers, + - * / // % **, brackets and " + ", ".join(sorted(FUNCTIONS)))


def _finite(value: Any) -> Number:
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError("the result is not a real number")
    if isinstance(value, int) and value.bit_length() > LARGEST_POWER * 4:
        raise ValueError("the result is too large")
    return value  # type: ignore[no-any-return]


def calculate(arguments: Mapping[str, Any]) -> str:
    """Evaluate arithmetic. Raises ToolFailed in words."""
    text = str(arguments["expression"])
    try:
        tree = ast.parse(text.strip(), mode="eval")
        value = _value(tree.body)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise ToolFailed(f"“{text[:100]}” is not arithmetic that can be worked out: {error}") from error
    except (ZeroDivisionError, OverflowError) as error:
        raise ToolFailed(f"“{text[:100]}” has no result: {error}.") from error
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _make(_context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], _user: User) -> str:
        return calculate(arguments)

    return run


TOOL = Tool(
    title="Calculator",
    summary="Works out arithmetic exactly; it touches nothing.",
    permissions=(),
    spec=ToolSpec(
        "calculator",
        f"Work out arithmetic, as in 18.4 * 1000 / 24 or sqrt(2). Functions: {', '.join(sorted(FUNCTIONS))}.",
        arguments_of(["expression"], expression={"type": "string", "minLength": 1, "maxLength": LONGEST}),
        acts=False,
    ),
    make=_make,
)
