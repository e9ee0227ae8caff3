"""YAML text to plain values, with the place of each: the subset of YAML that JSON can say, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from agents.documents.problems import ManifestError, Path, Problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 48
MAX_NODES = 10_000
MAX_DIGITS = 40


@dataclass(frozen=True, slots=True)
class Document:
    """A decoded document. `places` maps a path to the (line, column), from 1, where it starts."""

    value: Any
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def locate(self, path: Path) -> tuple[int, int] | None:
        """Where `path` stands, or the nearest thing around it that the text has."""
        for length in range(len(path), -1, -1):
            if place := self.places.get(path[:length]):
                return place
        return None


def load(text: str | bytes) -> Document:
    """Decode one YAML document. Raises ManifestError with line and column for anything that is not plain data."""
    source = _decode(text)
    try:
        _refuse_exotic(source)
        root = YAML(typ="rt", pure=True).compose(source)
    except MarkedYAMLError as error:
        raise ManifestError(_syntax_problem(error)) from error
    except ReaderError as error:
        raise ManifestError(_character_problem(source, error)) from error
    if not isinstance(root, MappingNode):
        raise ManifestError(Problem((), "not_a_mapping", "A manifest is a mapping that starts with apiVersion.", 1, 1))
    document = Document(value={}, places={(): _place(root)})
    return Document(value=_value(root, (), document.places), places=document.places)


def _decode(text: str | bytes) -> str:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > MAX_BYTES:
        raise ManifestError(Problem((), "too_large", f"A manifest may have at most {MAX_BYTES // 1024} kB."))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestError(Problem((), "not_utf8", f"Byte {error.start} is not UTF-8 text.")) from error


def _refuse_exotic(source: str) -> None:
    """Walk the event stream, which costs no recursion, and stop at what could grow or run when it is composed."""
    depth = 0
    for count, event in enumerate(YAML(typ="rt", pure=True).parse(source)):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if refusal := _refusal(event, depth, count):
            code, detail = refusal
            mark = event.start_mark
            raise ManifestError(Problem((), code, detail, mark.line + 1, mark.column + 1))


def _refusal(event: Any, depth: int, count: int) -> tuple[str, str] | None:
    if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
        return "alias", "Anchors and aliases (& and *) are not allowed; write the value out."
    if isinstance(event, (ScalarEvent, CollectionStartEvent)) and event.tag:
        return "tag", "Tags (!…) are not allowed; a manifest holds plain data only."
    if isinstance(event, DocumentStartEvent) and event.version:
        return "directive", "A %YAML line is not allowed; a manifest is YAML 1.2."
    if depth > MAX_DEPTH:
        return "too_deep", f"Nested more than {MAX_DEPTH} levels deep."
    if count > MAX_NODES:
        return "too_many", f"More than {MAX_NODES} values."
    return None


def _syntax_problem(error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    detail = " ".join(str(part) for part in (error.context, error.problem) if part)
    if mark is None:
        return Problem((), "yaml", f"This is not readable YAML: {detail}.")
    return Problem((), "yaml", f"This is not readable YAML: {detail}.", mark.line + 1, mark.column + 1)


def _character_problem(source: str, error: ReaderError) -> Problem:
    before = source[: error.position]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return Problem((), "character", f"The character U+{ord(source[error.position]):04X} is not allowed.", line, column)


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _fault(node: Node, path: Path, code: str, detail: str) -> ManifestError:
    return ManifestError(Problem(path, code, detail, *_place(node)))


def _value(node: Node, path: Path, places: dict[Path, tuple[int, int]]) -> Any:
    if isinstance(node, MappingNode):
        return _mapping(node, path, places)
    if isinstance(node, SequenceNode):
        return [_item(child, (*path, index), places) for index, child in enumerate(node.value)]
    return _scalar(node, path)


def _item(node: Node, path: Path, places: dict[Path, tuple[int, int]]) -> Any:
    places[path] = _place(node)
    return _value(node, path, places)


def _mapping(node: MappingNode, path: Path, places: dict[Path, tuple[int, int]]) -> dict[str, Any]:
    decoded: dict[str, Any] = {}
    for key, key_node, child in _entries(node, path):
        if key in decoded:
            raise _fault(key_node, (*path, key), "duplicate", "This name appears twice.")
        places[*path, key] = _place(key_node)
        decoded[key] = _value(child, (*path, key), places)
    return decoded


def _entries(node: MappingNode, path: Path) -> Iterator[tuple[str, Node, Node]]:
    for key_node, child in node.value:
        if not isinstance(key_node, ScalarNode) or str(key_node.tag) != "tag:yaml.org,2002:str":
            raise _fault(key_node, path, "key", "A name must be text; put it in quotes.")
        yield key_node.value, key_node, child


def _scalar(node: Node, path: Path) -> str | float | bool | None:
    kind = str(node.tag).removeprefix("tag:yaml.org,2002:")
    text = str(node.value)
    if kind == "str":
        return text
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind in {"int", "float"}:
        return _number(node, path, text, whole=kind == "int")
    raise _fault(node, path, "type", f"{text[:40]} is read as a {kind}; put it in quotes if it is text.")


def _number(node: Node, path: Path, text: str, *, whole: bool) -> float:
    """Decimal numbers only: YAML's octal, hexadecimal and `1_000` forms read differently elsewhere."""
    if len(text) > MAX_DIGITS:
        raise _fault(node, path, "number", f"A number may have at most {MAX_DIGITS} digits.")
    try:
        number = int(text) if whole and "_" not in text else float(text.replace("_", "x"))
    except ValueError as error:
        raise _fault(node, path, "number", f"{text} is not a plain decimal number.") from error
    if not math.isfinite(number):
        raise _fault(node, path, "number", f"{text} is not a finite number.")
    return number
