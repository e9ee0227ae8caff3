"""Reading a JSON Schema: references, alternatives, bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
DEEPEST = 12


def resolved(schema: Schema, root: Schema) -> Schema:
    """The schema behind `$ref`, with `allOf` merged into one; references lead only into `root`."""
    for _ in range(DEEPEST):
        if "$ref" in schema:
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**_at(str(schema["$ref"]), root), **rest}
        elif "allOf" in schema:
            rest = {key: value for key, value in schema.items() if key != "allOf"}
            schema = _merged([*schema["allOf"], rest], root)
        else:
            return schema
    return {}


def alternatives(schema: Schema, root: Schema, depth: int = 0) -> list[Schema]:
    """The shapes that a value may have, `null` last; a list of types counts as alternatives."""
    schema = resolved(schema, root)
    parts = (*schema.get("anyOf", ()), *schema.get("oneOf", ())) if depth < DEEPEST else ()
    found = [shape for part in parts for shape in alternatives(part, root, depth + 1)]
    if not found and isinstance(schema.get("type"), list):
        found = [{**schema, "type": kind} for kind in schema["type"]]
    return sorted(found or [schema], key=lambda shape: shape.get("type") == "null")


def kind_of(schema: Schema) -> str:
    """The type of a schema, guessed from its keywords where it names none."""
    if isinstance(schema.get("type"), str):
        return str(schema["type"])
    for keyword, kind in (("properties", "object"), ("items", "array"), ("minimum", "number"), ("maximum", "number")):
        if keyword in schema:
            return kind
    return "string"


def within(value: float, schema: Schema) -> bool:
    step = schema.get("multipleOf")
    return (
        schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf)
        and schema.get("exclusiveMinimum", -math.inf) < value < schema.get("exclusiveMaximum", math.inf)
        and (not step or math.isclose(value / step, round(value / step), abs_tol=1e-9))
    )


def neutral_number(schema: Schema, *, whole: bool) -> float | int:
    """The legal number nearest to zero, from below rather than above."""
    step = schema.get("multipleOf") or (1 if whole else 0)
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    tries = [0, low, high, low + (step or 1e-6), high - (step or 1e-6)]
    tries += [(low + high) / 2] if math.isfinite(low + high) else []
    if step:
        tries += [math.ceil(low / step) * step] if math.isfinite(low) else []
        tries += [math.floor(high / step) * step] if math.isfinite(high) else []
    legal = [number for number in tries if math.isfinite(number) and within(number, schema)]
    if whole:
        legal = [int(number) for number in legal if float(number).is_integer()]
    return min(legal, key=abs, default=0)


def _at(reference: str, root: Schema) -> Schema:
    part: Any = root
    for key in reference.removeprefix("#").strip("/").split("/"):
        if key:
            part = part.get(key.replace("~1", "/").replace("~0", "~"), {}) if isinstance(part, Mapping) else {}
    return part if isinstance(part, Mapping) else {}


def _merged(parts: list[Schema], root: Schema) -> Schema:
    merged: dict[str, Any] = {}
    for part in parts:
        shape = resolved(part, root)
        properties = {**merged.get("properties", {}), **shape.get("properties", {})}
        required = [*merged.get("required", ()), *shape.get("required", ())]
        merged |= shape
        if properties:
            merged["properties"] = properties
        if required:
            merged["required"] = list(dict.fromkeys(required))
    return merged
