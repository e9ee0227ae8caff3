"""Whether an output schema is one that can be kept and checked at no danger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from agents.runtimes.checks.problem import Problem

SCHEMA_LIMIT = 50_000
SCHEMA_DEPTH = 40
REFERENCES = {"$ref", "$dynamicRef"}
PATTERNS = {"pattern", "patternProperties"}
NAMING = {"properties", "$defs", "definitions", "dependentSchemas"}


def bad_schema(path: str, schema: dict[str, Any]) -> Iterator[Problem]:
    if not is_storable(schema):
        detail = f"An output schema is at most {SCHEMA_LIMIT:,} bytes of JSON, nested at most {SCHEMA_DEPTH} deep."
        yield Problem(path, "too_long", detail)
        return
    if schema.get("type") != "object":
        yield Problem(path, "not_an_object", "An output schema describes a JSON object: set its type to “object”.")
    keywords = list(_keywords(schema))
    if any(not str(value).startswith("#") for key, value in keywords if key in REFERENCES):
        yield Problem(path, "remote_reference", "An output schema may only refer to its own parts (“#/…”).")
    if any(key in PATTERNS for key, _ in keywords):
        yield Problem(
            path, "pattern", "Patterns are not checked here, as a single one can hold up a worker. Remove them."
        )
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield Problem(path, "invalid_schema", f"This is not a JSON Schema: {error.message[:300]}.")


def is_storable(schema: dict[str, Any]) -> bool:
    """Whether it is JSON of a sensible size and depth."""
    try:
        return len(orjson.dumps(schema)) <= SCHEMA_LIMIT and _depth(schema) <= SCHEMA_DEPTH
    except TypeError:
        return False


def _depth(node: Any) -> int:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _keywords(node: Any, *, names: bool = False) -> Iterator[tuple[str, Any]]:
    """Keys and values of a schema; `names` is true inside `properties` and the like, where keys are not keywords."""
    if isinstance(node, dict):
        for key, value in node.items():
            if not names:
                yield key, value
            yield from _keywords(value, names=not names and key in NAMING)
    elif isinstance(node, list):
        for value in node:
            yield from _keywords(value)
