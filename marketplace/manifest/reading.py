"""From YAML text or stored JSON to a Manifest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agents.documents import MAX_BYTES, Document, ManifestError, Path, Problem, load
from agents.documents.characters import unreadable
from marketplace.manifest.checks import check
from marketplace.manifest.envelope import BY_KIND, KINDS, Manifest
from marketplace.manifest.whole_scenarios import faults_of, in_order, is_whole

SENTENCES = {
    "missing": "This is missing.",
    "extra_forbidden": "There is no such entry in a manifest.",
    "string_type": "This must be text; put it in quotes.",
    "union_tag_invalid": "The kind “{tag}” is not one of {expected_tags}.",
    "too_short": "There must be at least {min_length} here.",
    "too_long": "There may be at most {max_length} here.",
    "string_pattern_mismatch": "This does not have the right form ({pattern}).",
}


def read_yaml(text: str | bytes) -> Manifest:
    """Parse, validate and check one manifest. Raises ManifestError; each problem has its line and column."""
    document = load(text)
    return _read(document)


def read_json(value: Mapping[str, Any]) -> Manifest:
    """The same from decoded JSON, for what comes by API or out of a column. Problems have a path but no line."""
    return _read(Document(value=dict(value)))


def _read(document: Document) -> Manifest:
    if problems := list(unreadable(document.value)):
        raise ManifestError(*_placed(problems, document))
    manifest = _validate(document)
    if problems := check(manifest):
        raise ManifestError(*_placed(problems, document))
    return manifest


def _validate(document: Document) -> Manifest:
    kind = document.value.get("kind")
    if kind not in KINDS:
        problem = Problem(("kind",), "kind", f"The kind must be one of {', '.join(KINDS)}.")
        raise ManifestError(*_placed([problem], document))
    if kind == "Scenario" and is_whole(document.value):
        return _validate_whole(Document(in_order(document.value), document.places))
    try:
        return BY_KIND[kind].model_validate_json(_as_json(document))
    except ValidationError as error:
        raise ManifestError(*_placed((_problem(fault) for fault in error.errors()), document)) from error


def _validate_whole(document: Document) -> Manifest:
    """A scenario that carries all that it is: its spec is read by the engine's rules, what is around it by the market's."""
    problems = [Problem(path, code, detail) for path, code, detail in faults_of(document.value)]
    try:
        manifest = BY_KIND["Scenario"].model_validate_json(_as_json(document))
    except ValidationError as error:
        problems += [_problem(fault) for fault in error.errors() if fault["loc"][:1] != ("spec",)]
        raise ManifestError(*_placed(problems, document)) from error
    if problems:
        raise ManifestError(*_placed(problems, document))
    return manifest


def _as_json(document: Document) -> bytes:
    """JSON text, because only from JSON does strict validation take a list for a tuple."""
    text = json.dumps(document.value, ensure_ascii=False, allow_nan=False).encode()
    if len(text) > MAX_BYTES:
        raise ManifestError(Problem((), "too_large", f"A manifest may have at most {MAX_BYTES // 1024} kB."))
    return text


def _problem(fault: ErrorDetails) -> Problem:
    template = SENTENCES.get(fault["type"])
    detail = template.format(**fault.get("ctx", {})) if template else f"{fault['msg']}."
    return Problem(fault["loc"], fault["type"], detail.replace("..", "."))


def _placed(problems: Iterable[Problem], document: Document) -> list[Problem]:
    """The problems with their places, in the order of the text."""
    placed = [_place(problem, document) for problem in problems]
    return sorted(placed, key=lambda problem: (problem.line or 0, problem.column or 0))


def _place(problem: Problem, document: Document) -> Problem:
    path = _existing(problem.path, document.value)
    line, column = document.locate(path) or (None, None)
    return Problem(path, problem.code, problem.detail, line, column)


def _existing(path: Path, value: Any) -> Path:
    """`path` without the names of union members that the validator puts into it."""
    kept: list[str | int] = []
    for index, part in enumerate(path):
        known = (isinstance(value, dict) and part in value) or (isinstance(value, list) and isinstance(part, int))
        if known:
            kept.append(part)
            value = value[part]
        elif index == len(path) - 1 and isinstance(value, dict):
            kept.append(part)
    return tuple(kept)
