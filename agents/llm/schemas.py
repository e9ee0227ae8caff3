"""JSON answers held against the schema that was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from agents.llm.types import BadReply, RequestRefused

Schema = Mapping[str, Any]

_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL)


def in_words(schema: Schema) -> str:
    """How a schema is asked for where a provider has no setting for it."""
    return f"Answer with nothing but JSON that follows this JSON Schema, without a code fence:\n{json.dumps(schema)}"


def json_text(text: str, schema: Schema, *, provider: str) -> str:
    """`text` without a code fence around it, if it is JSON of `schema`; else BadReply with the place of the first fault."""
    fenced = _FENCE.match(text)
    bare = (fenced.group(1) if fenced else text).strip()
    try:
        value = json.loads(bare)
    except (ValueError, RecursionError):
        raise BadReply("The answer is not JSON although a schema was given.", provider=provider, said=text) from None
    if fault := first_fault(value, schema):
        raise BadReply(f"The answer does not follow the schema: {fault}", provider=provider, said=text)
    return bare


def first_fault(value: Any, schema: Schema) -> str:
    """Where and why `value` breaks `schema`; empty if it does not. RequestRefused if the schema itself is none."""
    try:
        error = next(iter(_validator(json.dumps(schema)).iter_errors(value)), None)
    except (Unresolvable, RecursionError) as broken:
        raise _unusable(broken) from None
    return f"{error.json_path}: {error.message[:200]}" if error else ""


def check_schema(schema: Schema) -> None:
    """RequestRefused if `schema` is no JSON Schema."""
    _validator(json.dumps(schema))


@lru_cache(maxsize=256)
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    """Patterns are left to the caller: a hostile one would keep Python's `re` busy for hours. No reference leads outside."""
    bare = _without_patterns(json.loads(schema))
    try:
        jsonschema.Draft202012Validator.check_schema(bare)
    except SchemaError as broken:
        raise _unusable(broken) from None
    return jsonschema.Draft202012Validator(bare, registry=Registry())


def _unusable(why: Exception) -> RequestRefused:
    return RequestRefused(f"The schema of the answer cannot be used: {str(why)[:200]}")


def _without_patterns(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {
            key: _without_patterns(part)
            for key, part in schema.items()
            if not (key in {"pattern", "patternProperties"} and isinstance(part, str | Mapping))
        }
    return [_without_patterns(part) for part in schema] if isinstance(schema, list | tuple) else schema
