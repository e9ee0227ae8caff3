"""From Python's syntax tree to ours: every name known, every part of a kind that fits where it stands."""

from __future__ import annotations

import ast

from simulations.engine.expressions.functions import FUNCTIONS, PAST
from simulations.engine.expressions.grammar import ALLOWED, GLOBAL, LARGEST_NUMBER, LONGEST_WORD
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
from simulations.engine.expressions.refusals import ExpressionRefused
from simulations.engine.expressions.scope import Kind, Scope, kind_in_words, listed, suggestion

ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
NUMERIC = ("number", "bool")


class Builder:
    """One expression on its way; it counts the draws from the left."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.draws = 0

    def build(self, node: ast.expr) -> Node:
        built: Node = getattr(self, f"_{type(node).__name__.lower()}")(node)
        return built

    def _constant(self, node: ast.Constant) -> Node:
        value = node.value
        if isinstance(value, bool):
            return Truth(value)
        if isinstance(value, str):
            return self._word(value)
        if isinstance(value, int | float) and abs(value) <= LARGEST_NUMBER:
            return Number(float(value))
        if isinstance(value, int | float):
            raise ExpressionRefused(f"A number may be at most {LARGEST_NUMBER:g} in size.")
        raise ExpressionRefused(f"This is not a value of the language. {ALLOWED}")

    def _word(self, text: str) -> Node:
        if len(text) > LONGEST_WORD:
            raise ExpressionRefused(f"A word in quotes may have at most {LONGEST_WORD} characters.")
        return Word(text)

    def _name(self, node: ast.Name) -> Node:
        if node.id in {"true", "false"}:
            return Truth(node.id == "true")
        return self._known(node.id)

    def _attribute(self, node: ast.Attribute) -> Node:
        return self._known(_dotted(node))

    def _known(self, key: str) -> Node:
        kind = self.scope.names.get(key)
        if kind is not None:
            return Name(key, kind)
        words = {word for kind in self.scope.names.values() if isinstance(kind, tuple) for word in kind}
        if key in words:
            raise ExpressionRefused(f"Put the word in quotes: '{key}'.")
        if key in FUNCTIONS or key in PAST:
            raise ExpressionRefused(f"{key} is a function; write {key}(…).")
        near = suggestion(key, self.scope.names)
        raise ExpressionRefused(f"There is no “{key}” here.{near} There are: {listed(_shown(self.scope))}.")

    def _unaryop(self, node: ast.UnaryOp) -> Node:
        if isinstance(node.op, ast.Not):
            return Not(self._condition(node.operand, "after not"))
        if isinstance(node.op, ast.Invert):
            raise ExpressionRefused("There is no ~; write not.")
        operand = self.number(node.operand, "after a sign")
        return Negative(operand) if isinstance(node.op, ast.USub) else operand

    def _binop(self, node: ast.BinOp) -> Node:
        sign = ARITHMETIC.get(type(node.op))
        if sign is None:
            raise ExpressionRefused(f"There is no such sign. {ALLOWED}")
        left = self.number(node.left, f"left of {sign}")
        return Arithmetic(sign, left, self.number(node.right, f"right of {sign}"))

    def _boolop(self, node: ast.BoolOp) -> Node:
        word = "and" if isinstance(node.op, ast.And) else "or"
        return Joined(word, tuple(self._condition(value, f"beside {word}") for value in node.values))

    def _compare(self, node: ast.Compare) -> Node:
        signs = tuple(COMPARISONS.get(type(op), "") for op in node.ops)
        if not all(signs):
            raise ExpressionRefused("Compare with == != < <= > >=; “in” and “is” are not allowed.")
        parts = [self.build(part) for part in (node.left, *node.comparators)]
        for number, sign in enumerate(signs):
            parts[number], parts[number + 1] = _comparable(parts[number], parts[number + 1], sign)
        return Compared(signs, tuple(parts))

    def _ifexp(self, node: ast.IfExp) -> Node:
        condition = self._condition(node.test, "between if and else")
        yes, no = self.build(node.body), self.build(node.orelse)
        if yes.kind in NUMERIC and no.kind in NUMERIC:
            return Chosen(condition, yes, no, "bool" if yes.kind == no.kind == "bool" else "number")
        yes, no = _alike(yes, no)
        return Chosen(condition, yes, no, yes.kind)

    def _call(self, node: ast.Call) -> Node:
        name = node.func.id if isinstance(node.func, ast.Name) else _spelt(node.func)
        if name in PAST:
            return self._past(name, node.args)
        function = FUNCTIONS.get(name)
        if function is None:
            near = suggestion(name, [*FUNCTIONS, *PAST])
            raise ExpressionRefused(
                f"There is no function “{name}”.{near} There are: {', '.join([*FUNCTIONS, *PAST])}."
            )
        if not function.least <= len(node.args) <= function.most:
            raise ExpressionRefused(f"{name} takes {_count(function.least, function.most)}; here are {len(node.args)}.")
        if function.draws and not self.scope.draws:
            raise ExpressionRefused(
                f"{name} draws a random number, which only init, effects, with and probability may."
            )
        arguments = tuple(self.number(argument, f"in {name}(…)") for argument in node.args)
        if not function.draws:
            return Called(name, arguments, function.kind)
        self.draws += 1
        return Called(name, arguments, function.kind, self.draws - 1)

    def _past(self, name: str, arguments: list[ast.expr]) -> Node:
        if len(arguments) != 2 or not isinstance(arguments[0], ast.Name):
            raise ExpressionRefused(f"Write {name}(slot, k) with the name of a slot and a number of steps.")
        slot = arguments[0].id
        if slot not in self.scope.history:
            raise ExpressionRefused(
                f"“{slot}” keeps no history; give the slot history: k. Those that do: {listed(self.scope.history)}."
            )
        steps = Builder(Scope({key: self.scope.names[key] for key in self.scope.parameters})).number(
            arguments[1], "of steps"
        )
        self._refuse_outside(name, slot, steps)
        return Past(f"{name}({slot},{ast.unparse(arguments[1])})", name, slot, steps)

    def _refuse_outside(self, name: str, slot: str, steps: Node) -> None:
        least, most = int(name == "mean_of"), self.scope.history[slot]
        if isinstance(steps, Number) and not (least <= steps.value <= most and steps.value.is_integer()):
            raise ExpressionRefused(f"“{slot}” keeps {most} past values; ask for {least} to {most}.")

    def number(self, node: ast.expr, where: str) -> Node:
        """It, where only a number (or yes and no, as 1 and 0) makes sense."""
        built = self.build(node)
        if built.kind not in NUMERIC:
            raise ExpressionRefused(f"There must be a number {where}, not {kind_in_words(built.kind)}.")
        return built

    def _condition(self, node: ast.expr, where: str) -> Node:
        built = self.build(node)
        if built.kind != "bool":
            raise ExpressionRefused(
                f"There must be yes or no {where}, not {kind_in_words(built.kind)}; compare it, as in x > 0."
            )
        return built


def _shown(scope: Scope) -> list[str]:
    """The names worth listing: a parameter's second spelling is not."""
    return [name for name in scope.names if not name.startswith("param.")]


def _dotted(node: ast.expr) -> str:
    """`self.x`, `market.goods.price`: names joined by dots and nothing else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or len(parts) > 2:
        raise ExpressionRefused(
            f"A dot may only follow self, partner, global, metric, space, param, pool, market. {ALLOWED}"
        )
    root = "global" if node.id == GLOBAL else node.id
    return ".".join([root, *reversed(parts)])


def _spelt(node: ast.expr) -> str:
    return _dotted(node) if isinstance(node, ast.Attribute) else "(…)"


def _count(least: int, most: int) -> str:
    if least == most:
        return f"{least} argument{'s' if least > 1 else ''}"
    return f"{least} to {most} arguments"


def _comparable(left: Node, right: Node, sign: str) -> tuple[Node, Node]:
    if left.kind in NUMERIC and right.kind in NUMERIC:
        return left, right
    if sign not in {"==", "!="}:
        raise ExpressionRefused(f"Only numbers can be compared with {sign}.")
    return _alike(left, right)


def _alike(left: Node, right: Node) -> tuple[Node, Node]:
    """Both of one kind; a quoted word takes the kind of the words beside it."""
    left, right = settled(left, right.kind), settled(right, left.kind)
    if left.kind != right.kind:
        raise ExpressionRefused(f"{kind_in_words(left.kind)} is never {kind_in_words(right.kind)}.".capitalize())
    return left, right


def settled(node: Node, kind: Kind) -> Node:
    """A quoted word, or a choice between some, as one of these words; anything else as it is."""
    if not isinstance(kind, tuple):
        return node
    if isinstance(node, Chosen) and node.kind == "text":
        yes, no = settled(node.yes, kind), settled(node.no, kind)
        return Chosen(node.condition, yes, no, yes.kind) if yes.kind == no.kind else node
    if not isinstance(node, Word) or node.kind != "text":
        return node
    if node.value not in kind:
        raise ExpressionRefused(f"“{node.value}” is not {kind_in_words(kind)}.{suggestion(node.value, kind)}")
    return Word(node.value, kind)
