"""From a document to a scenario, or to all that is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from simulations.engine.errors import Refusal, SimulationError
from simulations.engine.spec.checks import check
from simulations.engine.spec.faults import Fault
from simulations.engine.spec.limits import LIMITS, Limits
from simulations.engine.spec.order import ordered
from simulations.engine.spec.scenario import ScenarioSpec

Path = tuple[str | int, ...]


class Lines(Protocol):
    """Where things stand in a text: the (line, column) of a path, or of the nearest thing around it."""

    def locate(self, path: Path) -> tuple[int, int] | None: ...


class ScenarioRefused(SimulationError):
    """A scenario that cannot be played as it stands; `problems` names every fault, in the order of the text.

    `faults` are the same with their paths in parts and without lines, in no order.
    """

    def __init__(self, problems: tuple[Refusal, ...], faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(" ".join(f"{problem.path}: {problem.detail}" for problem in problems[:20]))
        self.problems = problems
        self.faults = faults


SENTENCES = {
    "missing": "This is missing.",
    "extra_forbidden": "There is no such entry here.",
    "literal_error": "This must be {expected}.",
    "string_pattern_mismatch": "This does not have the right form ({pattern}).",
    "too_short": "There must be at least {min_length} here.",
    "too_long": "There may be at most {max_length} here.",
}
_METADATA = {
    "name": "key", "version": "version", "title": "name", "summary": "tagline", "description": "description",
    "license": "licence",
}  # fmt: skip


KINDS = {
    "bool_type": "true or false", "int_type": "a whole number", "float_type": "a number", "string_type": "text",
    "tuple_type": "a list", "list_type": "a list", "dict_type": "a mapping", "model_type": "a mapping",
    "model_attributes_type": "a mapping", "int_from_float": "a whole number", "literal_error": "one of the words",
}  # fmt: skip
_TOLD: dict[Any, str] = {ours: theirs for theirs, ours in _METADATA.items()}


def parse_scenario(data: Mapping[str, Any], *, lines: Lines | None = None, limits: Limits = LIMITS) -> ScenarioSpec:
    """Read a whole manifest (`metadata` and `spec`, as decoded from YAML or JSON) with `family: abm`. Raises ScenarioRefused.

    Of `metadata` only the name is needed; what else stands beside `metadata` and `spec` belongs to the marketplace and is not read.
    """
    fields, problems = _fields(data)
    if not problems:
        try:
            spec = ScenarioSpec.model_validate_json(json.dumps(fields, allow_nan=False))
        except ValidationError as error:
            problems = _problems(error, fields)
        except ValueError:
            problems = [(("spec",), "number", "A number must be finite.")]
        else:
            problems = check(spec, limits)
            if not problems:
                return spec
    raise ScenarioRefused(tuple(placed(problems, lines)), tuple(problems))


def _fields(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    metadata, spec = data.get("metadata"), data.get("spec")
    if not isinstance(metadata, Mapping) or not isinstance(metadata.get("name"), str):
        return {}, [(("metadata", "name"), "missing", "A scenario has a name.")]
    if not isinstance(spec, Mapping):
        return {}, [(("spec",), "missing", "A scenario has a spec.")]
    named = {ours: str(metadata[theirs]) for theirs, ours in _METADATA.items() if metadata.get(theirs) is not None}
    return {"version": "0.0.0", "name": metadata["name"], **ordered(spec), **named}, []


def _problems(error: ValidationError, fields: Mapping[str, Any]) -> list[Fault]:
    """What the models refuse, told once where several of a union do."""
    found = [_problem(fault, fields) for fault in error.errors()]
    kinds: dict[Path, list[str]] = {}
    for path, code, _ in found:
        if code in KINDS:
            kinds.setdefault(path, []).append(code)
    told = [fault for fault in found if fault[1] not in KINDS or fault[1] == "literal_error"]
    deeper = {path[:length] for path, _, _ in told for length in range(len(path) + 1)}
    return told + [(path, "type", _expected(codes)) for path, codes in kinds.items() if path not in deeper]


def _expected(codes: list[str]) -> str:
    words = [KINDS[code] for code in dict.fromkeys(codes)]
    quote = " Put text in quotes." if codes == ["string_type"] else ""
    return f"This must be {' or '.join(words)}.{quote}"


def _problem(fault: ErrorDetails, fields: Mapping[str, Any]) -> Fault:
    template = SENTENCES.get(fault["type"])
    detail = template.format(**fault.get("ctx", {})) if template else f"{fault['msg']}."
    named = fault["type"] in {"missing", "extra_forbidden"}
    path = existing(fault["loc"], fields, named=named)
    whole: Path = ("metadata", _TOLD[path[0]]) if path and path[0] in _TOLD else ("spec", *path)
    return whole, fault["type"], detail.replace("..", ".")


def existing(path: Path, value: Any, *, named: bool) -> Path:
    """`path` without the names of union members that the validator puts into it; `named`: its last part names an entry."""
    kept: list[str | int] = []
    for index, part in enumerate(path):
        known = (isinstance(value, Mapping) and part in value) or (isinstance(value, list) and isinstance(part, int))
        if known:
            kept.append(part)
            value = value[part]
        elif named and index == len(path) - 1:
            kept.append(part)
    return tuple(kept)


def placed(problems: list[Fault], lines: Lines | None) -> Iterator[Refusal]:
    """The problems with their lines, in the order of the text, each once."""
    found = {
        Refusal(spelt(path), code, detail, (lines.locate(path) or (None,))[0] if lines else None): None
        for path, code, detail in problems
    }
    yield from sorted(found, key=lambda refusal: refusal.line or 0)


def spelt(path: Path) -> str:
    """A path as people write it: `spec.actions.move.effect[0].to`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
