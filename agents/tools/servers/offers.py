"""What a server offers, made fit to be shown to models: safe schemas, usable names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from agents.runtimes.checks import is_storable
from agents.tools.servers.address import Offered

TOOL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
LONGEST_DESCRIPTION = 1_500
NAMING = {"properties", "$defs", "definitions", "dependentSchemas"}
LEFT_OUT = {"pattern", "patternProperties", "format", "$schema", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor"}
"""Keywords that fetch, or that a hostile pattern makes slow."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Of what was offered: what can be used, and why the rest cannot, in sentences."""

    tools: list[dict[str, Any]]
    notes: list[str]


def keep(offered: Iterable[Offered]) -> Kept:
    """As rows of JSON: name, description, parameters, reads_only."""
    tools: dict[str, dict[str, Any]] = {}
    notes = []
    for tool in offered:
        if not TOOL_NAME.fullmatch(tool.name):
            notes.append(f"“{tool.name[:60]}” has a name that cannot be used here.")
        elif (parameters := safe(tool.parameters)) is None:
            notes.append(f"“{tool.name}” describes its arguments in a way that cannot be used here.")
        else:
            tools[tool.name] = {
                "name": tool.name,
                "description": _plain(tool.description),
                "parameters": parameters,
                "reads_only": tool.reads_only,
            }
    return Kept(list(tools.values()), notes)


def safe(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schema of an object without references to elsewhere and without patterns; None for what is no such schema."""
    if not is_storable(dict(schema)):
        return None
    cleaned = {"type": "object", "properties": {}, **_cleaned(dict(schema))}
    try:
        Draft202012Validator.check_schema(cleaned)
    except SchemaError:
        return None
    return cleaned if cleaned["type"] == "object" else None


def _cleaned(node: Any, *, names: bool = False) -> Any:
    """`names` is true where keys are names of properties and not keywords."""
    if isinstance(node, list):
        return [_cleaned(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _cleaned(value, names=not names and key in NAMING)
        for key, value in node.items()
        if names or not (key in LEFT_OUT or (key == "$ref" and not str(value).startswith("#/")))
    }


def function_name(server: str, tool: str) -> str:
    """A name that every provider takes for a function, and that no other tool has."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", f"mcp_{server}_{tool}")
    if plain == f"mcp_{server}_{tool}" and len(plain) <= 64:
        return plain
    return f"{plain[:55]}_{hashlib.sha256(f'{server}/{tool}'.encode()).hexdigest()[:8]}"


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable() or sign == "\n")[:LONGEST_DESCRIPTION].strip()


def differences(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Names of tools that came, went, or are described differently."""
    old, new = ({each["name"]: each for each in tools} for tools in (before, after))
    return {
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "changed": sorted(name for name in new.keys() & old.keys() if new[name] != old[name]),
    }
