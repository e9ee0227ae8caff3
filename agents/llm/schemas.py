"""JSON answers held against the schema that was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import jsonschema
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from agents.llm.types import BadReply, RequestRefused

Schema = Mapping[str, Any]

_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL)


def json_text(text: str, schema: Schema, *, provider: str) -> str:
    """`text` without a code fence around it, if it is JSON of `schema`; else BadReply with the place of the first fault."""
    fenced = _FENCE.match(text)
    bare = (fenced.group(1) if fenced else text).strip()
    try:
        value = json.loads(bare)
    except ValueError:
        raise BadReply("The answer is not JSON although a schema was given.", provider=provider) from None
    if fault := first_fault(value, schema):
        raise BadReply(f"The answer does not follow the schema: {fault}", provider=provider)
    return bare


def first_fault(value: Any, schema: Schema) -> str:
    """Where and why `value` breaks `schema`; empty if it does not. RequestRefused if the schema itself is none.

    Patterns are left to the caller: a hostile one would keep Python's `re` busy for hours.
    """
    try:
        validator = jsonschema.Draft202012Validator(without_patterns(schema), registry=Registry())
        error = next(iter(validator.iter_errors(value)), None)
    except (SchemaError, Unresolvable, RecursionError) as broken:
        raise RequestRefused(f"The schema of the answer cannot be used: {str(broken)[:200]}") from None
    return f"{error.json_path}: {error.message[:200]}" if error else ""


def without_patterns(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {
            key: without_patterns(part)
            for key, part in schema.items()
            if not (key in {"pattern", "patternProperties"} and isinstance(part, str | Mapping))
        }
    return [without_patterns(part) for part in schema] if isinstance(schema, list | tuple) else schema
