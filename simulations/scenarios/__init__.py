"""The library of scenarios: every YAML file in this folder is one, known by the name of its file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agents.documents import load
from simulations.engine.spec import ScenarioSpec, parse_scenario

FOLDER = Path(__file__).parent


@cache
def catalogue() -> Mapping[str, ScenarioSpec]:
    """All scenarios by the names of their files, in the order of their titles."""
    found = {path.stem: parse_scenario(document_of(path.stem)) for path in FOLDER.glob("*.yaml")}
    return MappingProxyType(dict(sorted(found.items(), key=lambda each: each[1].name)))


@cache
def scenario_of(key: str) -> ScenarioSpec | None:
    """One of them, without reading the others; None where there is none of that name."""
    if not (FOLDER / f"{key}.yaml").is_file() or not key.replace("-", "").isalnum():
        return None
    return parse_scenario(document_of(key))


@cache
def document_of(key: str) -> Mapping[str, Any]:
    """The manifest of a scenario of the library, as plain data."""
    found: Mapping[str, Any] = load((FOLDER / f"{key}.yaml").read_bytes()).value
    return found
