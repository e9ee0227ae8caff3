"""Which JSON Schema a manifest may ask its inputs with: a flat form that a page can draw, and no regular expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from agents.documents import Path, Problem
from marketplace.manifest.envelope import Inputs

OBJECT_WORDS = {"type", "title", "description", "properties", "required", "additionalProperties"}
FIELD_WORDS = {
    "type", "title", "description", "enum", "default", "minLength", "maxLength", "minimum", "maximum", "examples",
}  # fmt: skip
FIELD_TYPES = {"string", "integer", "number", "boolean"}


def check_inputs(inputs: Inputs) -> Iterator[Problem]:
    """Faults of the schema; if it has none, faults of the examples under it."""
    faults = list(_schema_faults(inputs.json_schema))
    yield from faults
    for name in inputs.order:
        if name not in properties(inputs):
            yield Problem(
                ("inputs", "order"), "order", f"“{name}” is not among the properties. Take it out of the order."
            )
    if not faults:
        yield from _example_faults(inputs)


def properties(inputs: Inputs | None) -> dict[str, Mapping[str, Any]]:
    """The fields asked for, by name."""
    found = inputs.json_schema.get("properties", {}) if inputs else {}
    return dict(found) if isinstance(found, Mapping) else {}


def ordered(inputs: Inputs) -> list[tuple[str, Mapping[str, Any]]]:
    """The fields asked for, in the order in which they are; one that the order leaves out comes after those that it names."""
    found = properties(inputs)
    names = dict.fromkeys([*(name for name in inputs.order if name in found), *found])
    return [(name, found[name]) for name in names]


def _schema_faults(schema: Mapping[str, Any]) -> Iterator[Problem]:
    base: Path = ("inputs", "schema")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield Problem((*base, *error.absolute_path), "schema", f"This is not a JSON Schema: {error.message[:200]}")
        return
    if schema.get("type") != "object":
        yield Problem((*base, "type"), "schema", "The inputs must be of type object.")
    yield from _unknown_words(schema, OBJECT_WORDS, base)
    for name, field in schema.get("properties", {}).items():
        yield from _field_faults(field, (*base, "properties", name))
    for name in schema.get("required", ()):
        if name not in schema.get("properties", {}):
            yield Problem((*base, "required"), "schema", f"“{name}” is required but is not among the properties.")


def _field_faults(field: object, path: Path) -> Iterator[Problem]:
    if not isinstance(field, Mapping):
        yield Problem(path, "schema", "Describe this input with type, title and description.")
        return
    if field.get("type") not in FIELD_TYPES:
        yield Problem(path, "schema", f"The type must be one of {', '.join(sorted(FIELD_TYPES))}.")
    yield from _unknown_words(field, FIELD_WORDS, path)


def _unknown_words(schema: Mapping[str, Any], known: set[str], path: Path) -> Iterator[Problem]:
    for word in sorted(schema.keys() - known):
        yield Problem((*path, word), "schema", f"“{word}” is not supported in the inputs of a listing.")


def _example_faults(inputs: Inputs) -> Iterator[Problem]:
    validator = Draft202012Validator(inputs.json_schema)
    for number, example in enumerate(inputs.examples):
        for error in validator.iter_errors(example):
            path = ("inputs", "examples", number, *error.absolute_path)
            yield Problem(path, "example", f"This example does not fit the schema: {error.message[:200]}")
