"""When a task runs: a small expression over what came before, read once and never evaluated as Python.

    outputs.classify.urgent == true
    "yes" in lower(outputs.check.text) and not outputs.draft.skipped
    outputs["fact check"].score >= 3 or inputs.mode == "thorough"

`outputs.<task>` has `text`, `skipped`, `failed`, `data` and the fields of its JSON; `inputs` has what the run was started with.
Names with spaces or hyphens go into brackets. There are `and or not == != < <= > >= in`, texts, numbers, lists of these, `true false null`,
`lower(text)` and `len(text)`. What does not exist is null; things that cannot be compared are not less, not more and not in each other.
"""

from __future__ import annotations

import ast
import json
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LONGEST = 500
SHOWN = 80
Scope = Mapping[str, Mapping[str, Any]]
Read = Callable[[Scope], Any]
CONSTANTS = {"true": True, "false": False, "null": None}
FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "lower": lambda value: value.lower() if isinstance(value, str) else value,
    "len": lambda value: len(value) if isinstance(value, str | list | dict) else None,
}
ROOTS = ("outputs", "inputs")


class ConditionInvalid(ValueError):
    """The text is not a condition; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`tasks` and `inputs` are the names that it reads."""

    text: str
    tasks: tuple[str, ...]
    inputs: tuple[str, ...]
    read: Read
    paths: Mapping[str, Read]

    def holds(self, scope: Scope) -> bool:
        return bool(self.read(scope))

    def found(self, scope: Scope) -> str:
        """What it read, for a person: `outputs.check.urgent is false`."""
        return ", ".join(f"{path} is {_shown(read(scope))}" for path, read in self.paths.items())


@lru_cache(maxsize=1_024)
def parse(text: str) -> Condition:
    """Raises ConditionInvalid."""
    if len(text) > LONGEST:
        raise ConditionInvalid(f"A condition has at most {LONGEST} characters.")
    try:
        tree = ast.parse(text.strip(), mode="eval")
        reader = _Reader()
        read = reader.read(tree.body)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        if isinstance(error, ConditionInvalid):
            raise
        raise ConditionInvalid(f"This is not a condition: {text[:SHOWN]}") from error
    names = {root: tuple(dict.fromkeys(name for kind, name in reader.names if kind == root)) for root in ROOTS}
    if not reader.paths:
        raise ConditionInvalid("A condition reads at least one output or input, as in outputs.check.text.")
    return Condition(text, names["outputs"], names["inputs"], read, reader.paths)


def tasks_in(text: str) -> tuple[str, ...]:
    """The tasks that a condition reads; none where there is no condition, or none that can be read."""
    try:
        return parse(text).tasks if text else ()
    except ConditionInvalid:
        return ()


class _Reader:
    """From syntax to closures; whatever is not named here is refused."""

    def __init__(self) -> None:
        self.names: list[tuple[str, str]] = []
        self.paths: dict[str, Read] = {}

    def read(self, node: ast.expr) -> Read:
        for kind, read in self._kinds():
            if isinstance(node, kind):
                return read(node)
        raise ConditionInvalid(f"“{_source(node)}” is not allowed in a condition.")

    def _kinds(self) -> Iterator[tuple[type[ast.expr], Callable[[Any], Read]]]:
        yield ast.BoolOp, self._bool
        yield ast.UnaryOp, self._not
        yield ast.Compare, self._compare
        yield ast.Call, self._call
        yield ast.Constant, self._constant
        yield ast.List, self._list
        yield ast.Name, self._name
        yield ast.Attribute, self._path
        yield ast.Subscript, self._path

    def _bool(self, node: ast.BoolOp) -> Read:
        parts = [self.read(value) for value in node.values]
        every = all if isinstance(node.op, ast.And) else any
        return lambda scope: every(part(scope) for part in parts)

    def _not(self, node: ast.UnaryOp) -> Read:
        inner = self.read(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda scope: not inner(scope)
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return _always(-_number(node.operand))
        raise ConditionInvalid(f"“{_source(node)}” is not allowed in a condition.")

    def _compare(self, node: ast.Compare) -> Read:
        if len(node.ops) != 1:
            raise ConditionInvalid("Compare two things at a time, and join comparisons with “and”.")
        compare = COMPARISONS.get(type(node.ops[0]))
        if compare is None:
            raise ConditionInvalid(f"“{_source(node)}” is not allowed: use == and != instead of “is”.")
        left, right = self.read(node.left), self.read(node.comparators[0])
        return lambda scope: compare(left(scope), right(scope))

    def _call(self, node: ast.Call) -> Read:
        function = FUNCTIONS.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if function is None or len(node.args) != 1 or node.keywords:
            raise ConditionInvalid(f"“{_source(node)}” is not allowed: there are lower(…) and len(…).")
        inner = self.read(node.args[0])
        return lambda scope: function(inner(scope))

    def _constant(self, node: ast.Constant) -> Read:
        if not isinstance(node.value, str | int | float | bool | None):
            raise ConditionInvalid(f"“{_source(node)}” is not allowed in a condition.")
        return _always(node.value)

    def _list(self, node: ast.List) -> Read:
        parts = [self.read(part) for part in node.elts]
        return lambda scope: [part(scope) for part in parts]

    def _name(self, node: ast.Name) -> Read:
        if node.id not in CONSTANTS:
            raise ConditionInvalid(f"“{node.id}” means nothing here: write outputs.<task>… or inputs.<name>.")
        return _always(CONSTANTS[node.id])

    def _path(self, node: ast.Attribute | ast.Subscript) -> Read:
        root, *keys = _keys(node)
        if root not in ROOTS:
            raise ConditionInvalid(f"“{_source(node)}” means nothing here: write outputs.<task>… or inputs.<name>.")
        if root == "outputs" and len(keys) < 2:
            raise ConditionInvalid(f"Say what of “{keys[0]}” is meant, as in outputs.{keys[0]}.text.")
        self.names.append((root, keys[0]))
        read: Read = lambda scope: _reach(scope[root], keys)  # noqa: E731 - one of a row of closures
        self.paths[_source(node)] = read
        return read


def _keys(node: ast.expr) -> list[str]:
    """`outputs["a b"].c` → outputs, a b, c."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [*_keys(node.value), node.attr]
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return [*_keys(node.value), node.slice.value]
    raise ConditionInvalid(f"“{_source(node)}” is not allowed in a condition.")


def _reach(value: Any, keys: list[str]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _always(value: Any) -> Read:
    return lambda _scope: value


def _number(node: ast.Constant) -> float:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise ConditionInvalid(f"“-{_source(node)}” is not a number.")
    return node.value


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compared(left: Any, right: Any) -> bool:
        try:
            return compare(left, right)
        except TypeError:
            return False

    return compared


def _same(left: Any, right: Any) -> bool:
    """As in JSON: true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: _same,
    ast.NotEq: lambda left, right: not _same(left, right),
    ast.Lt: _ordered(operator.lt),
    ast.LtE: _ordered(operator.le),
    ast.Gt: _ordered(operator.gt),
    ast.GtE: _ordered(operator.ge),
    ast.In: _ordered(lambda left, right: left in right),
    ast.NotIn: lambda left, right: not _ordered(lambda one, many: one in many)(left, right),
}


def _source(node: ast.expr) -> str:
    return ast.unparse(node)[:SHOWN]


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
