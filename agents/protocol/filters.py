"""Subscribing by content: a small language over headers and content, read from JSON, with nothing in it that runs.

    {"all": [{"field": "headers.lang", "equals": "en"}, {"field": "content.score", "above": 0.5}]}

A condition names one field (`headers.<name>`, `content.<key>.<key>…`, `sender`, `topic`, `priority`) and one test. `all`, `any` and
`none` join conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agents.protocol.errors import BadFilter
from agents.protocol.messages import Message

MOST_CONDITIONS, DEEPEST, LONGEST_FIELD, LONGEST_LIST = 20, 3, 200, 50
_MISSING = object()
_PLAIN = frozenset({"sender", "topic", "priority", "kind"})

Test = Callable[[Any, Any], bool]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(value: Any, wanted: Any) -> bool:
    """As JSON means it: 1 is 1.0, but true is not 1."""
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _holds(value: Any, wanted: Any) -> bool:
    if isinstance(value, str):
        return isinstance(wanted, str) and wanted.casefold() in value.casefold()
    return isinstance(value, list) and any(_same(one, wanted) for one in value)


_TESTS: Mapping[str, Test] = {
    "equals": _same,
    "differs": lambda value, wanted: value is not _MISSING and not _same(value, wanted),
    "one_of": lambda value, wanted: any(_same(value, one) for one in wanted),
    "contains": _holds,
    "starts_with": lambda value, wanted: isinstance(value, str) and value.startswith(wanted),
    "above": lambda value, wanted: _number(value) and value > wanted,
    "below": lambda value, wanted: _number(value) and value < wanted,
    "exists": lambda value, wanted: (value is not _MISSING) == wanted,
}
_OPERANDS: Mapping[str, Callable[[Any], bool]] = {
    "equals": lambda wanted: isinstance(wanted, str | int | float | bool) or wanted is None,
    "differs": lambda wanted: isinstance(wanted, str | int | float | bool) or wanted is None,
    "one_of": lambda wanted: isinstance(wanted, list) and 0 < len(wanted) <= LONGEST_LIST,
    "contains": lambda wanted: isinstance(wanted, str | int | float),
    "starts_with": lambda wanted: isinstance(wanted, str),
    "above": _number,
    "below": _number,
    "exists": lambda wanted: isinstance(wanted, bool),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was read once and is asked for every public message. `source` is its JSON."""

    source: Mapping[str, Any]
    _match: Callable[[Message], bool]

    @classmethod
    def of(cls, source: Mapping[str, Any]) -> Filter:
        """Raises BadFilter with what is wrong."""
        return cls(source, _Reader().read(source, 1))

    def __call__(self, message: Message) -> bool:
        return self._match(message)


class _Reader:
    """Counts conditions while it reads, so that a filter stays small."""

    def __init__(self) -> None:
        self._conditions = 0

    def read(self, source: Any, depth: int) -> Callable[[Message], bool]:
        if not isinstance(source, Mapping) or depth > DEEPEST:
            raise BadFilter(f"A filter is an object, nested at most {DEEPEST} deep.")
        if len(source) == 1 and (joint := next(iter(source))) in {"all", "any", "none"}:
            return self._join(joint, source[joint], depth)
        return self._condition(source)

    def _join(self, joint: str, parts: Any, depth: int) -> Callable[[Message], bool]:
        if not isinstance(parts, list) or not parts:
            raise BadFilter(f"“{joint}” takes a list of conditions.")
        read = [self.read(part, depth + 1) for part in parts]
        if joint == "all":
            return lambda message: all(part(message) for part in read)
        if joint == "any":
            return lambda message: any(part(message) for part in read)
        return lambda message: not any(part(message) for part in read)

    def _condition(self, source: Mapping[str, Any]) -> Callable[[Message], bool]:
        self._conditions += 1
        tests = [name for name in source if name in _TESTS]
        if self._conditions > MOST_CONDITIONS or len(tests) != 1 or set(source) != {"field", tests[0]}:
            raise BadFilter(
                f"A condition has a field and one of {', '.join(_TESTS)}; there are at most {MOST_CONDITIONS}."
            )
        name, wanted = tests[0], source[tests[0]]
        if not _OPERANDS[name](wanted):
            raise BadFilter(f"“{name}” cannot be asked of {wanted!r:.60}.")
        look, test = _look_at(source["field"]), _TESTS[name]
        return lambda message: test(look(message), wanted)


def _look_at(field: Any) -> Callable[[Message], Any]:
    if not isinstance(field, str) or len(field) > LONGEST_FIELD:
        raise BadFilter("A field is a text, as in content.score.")
    first, *path = field.split(".")
    if first in _PLAIN and not path:
        return lambda message: getattr(message, first)
    if first == "headers" and len(path) == 1:
        return lambda message: message.headers.get(path[0], _MISSING)
    if first == "content":
        return lambda message: _within(message.content, path)
    raise BadFilter(
        f"There is no field “{field[:60]}”: use headers.<name>, content.<key>, {', '.join(sorted(_PLAIN))}."
    )


def _within(content: Any, path: list[str]) -> Any:
    for key in path:
        if not isinstance(content, dict) or key not in content:
            return _MISSING
        content = content[key]
    return content
