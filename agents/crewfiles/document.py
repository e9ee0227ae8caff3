"""YAML from strangers: read with positions, without anchors, tags, duplicate keys or surprises in size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent

from agents.crewfiles.problems import CrewFilesInvalid, FileName, FileProblem, Place

SIZE_LIMIT = 1_000_000
DEPTH_LIMIT = 30
NODE_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value; `place` is where the key stands, `value_place` where the value starts (at the key when there is none)."""

    key: str
    value: Any
    place: Place
    value_place: Place


def load(content: str | bytes, file: FileName) -> CommentedMap:
    """The mapping in a file. Raises CrewFilesInvalid."""
    text = _text(content, file)
    try:
        _scan(text, file)
        tree = YAML(typ="rt", pure=True).load(text)
    except DuplicateKeyError as error:
        raise _refused(error, file, "duplicate_key", "This key stands here twice. Remove or rename one.") from error
    except MarkedYAMLError as error:
        raise _refused(error, file, "yaml", f"This is not valid YAML: {_reason(error)}.") from error
    except (YAMLError, ValueError) as error:
        raise _invalid(Place(file), "yaml", "This is not valid YAML.") from error
    if tree is None:
        raise _invalid(Place(file), "empty", f"{file} is empty.")
    if not isinstance(tree, CommentedMap):
        raise _invalid(Place(file), "not_a_mapping", f"{file} must hold names with their settings (“researcher: …”).")
    return tree


def entries(mapping: CommentedMap, file: FileName) -> Iterator[Entry]:
    for key, value in mapping.items():
        place = _place(mapping.lc.key(key), file)
        yield Entry(str(key), value, place, place if value is None else _place(mapping.lc.value(key), file))


def items(sequence: CommentedSeq, file: FileName) -> Iterator[tuple[Any, Place]]:
    for index, value in enumerate(sequence):
        yield value, _place(sequence.lc.item(index), file)


def plain(node: Any) -> Any:
    """The node as ordinary dicts, lists and strings."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return str(node) if isinstance(node, str) else node


def _text(content: str | bytes, file: FileName) -> str:
    content = content.encode(errors="surrogatepass") if isinstance(content, str) else content
    size = len(content)
    if size > SIZE_LIMIT:
        detail = f"{file} has {size:,} bytes; at most {SIZE_LIMIT:,} are read. Put long material into a document."
        raise _invalid(Place(file), "too_large", detail)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise _invalid(
            Place(file, line, column), "encoding", "This is not UTF-8 text. Save the file as UTF-8."
        ) from error


def _scan(text: str, file: FileName) -> None:
    """Refuse, before anything is built, what can grow without bound or name a class."""
    depth = 0
    for count, event in enumerate(YAML(typ="safe", pure=True).parse(text)):
        place = _place((event.start_mark.line, event.start_mark.column), file)
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise _invalid(place, "anchor", "Anchors and aliases (& and *) are not read here. Write the value out.")
        if isinstance(event, NodeEvent) and getattr(event, "tag", None):
            raise _invalid(place, "tag", "Tags (!…) are not read here. Write the plain value.")
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEPTH_LIMIT or count > NODE_LIMIT:
            raise _invalid(place, "too_deep", "This file is nested too deeply or has too many parts.")


def _place(position: tuple[int, int], file: FileName) -> Place:
    return Place(file, position[0] + 1, position[1] + 1)


def _refused(error: MarkedYAMLError, file: FileName, code: str, detail: str) -> CrewFilesInvalid:
    mark = error.problem_mark or error.context_mark
    return _invalid(_place((mark.line, mark.column), file) if mark else Place(file), code, detail)


def _reason(error: MarkedYAMLError) -> str:
    parts = [error.context, error.problem]
    return ", ".join(" ".join(str(part).split()) for part in parts if part) or "it breaks off"


def _invalid(place: Place, code: str, detail: str) -> CrewFilesInvalid:
    return CrewFilesInvalid([FileProblem(place, code, detail)])
