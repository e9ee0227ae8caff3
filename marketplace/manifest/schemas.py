"""The JSON Schemas of manifests, for editors and other programs. What only a whole manifest shows, lint finds."""

from __future__ import annotations

from functools import cache
from typing import Any

from marketplace.manifest.envelope import BY_KIND, KINDS, Kind

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def schema_of(kind: Kind) -> dict[str, Any]:
    """Of one kind, in JSON Schema 2020-12."""
    schema = BY_KIND[kind].model_json_schema(by_alias=True)
    return {"$schema": DIALECT, **schema, "title": f"Guildhall manifest: {kind}"}


@cache
def schema_of_all() -> dict[str, Any]:
    """Of whatever kind `kind` says."""
    parts = {kind: BY_KIND[kind].model_json_schema(by_alias=True, ref_template="#/$defs/{model}") for kind in KINDS}
    definitions: dict[str, Any] = {}
    for kind, part in parts.items():
        definitions |= part.pop("$defs", {})
        definitions[f"{kind}Manifest"] = part
    one_of = [{"$ref": f"#/$defs/{kind}Manifest"} for kind in KINDS]
    return {"$schema": DIALECT, "title": "Guildhall manifest", "oneOf": one_of, "$defs": definitions}
