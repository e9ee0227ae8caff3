"""Scenarios that carry all that they are (`family: abm`): read by the engine's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulations.engine.spec import ScenarioRefused, ordered, parse_scenario
from simulations.engine.spec.faults import Fault


def is_whole(document: Mapping[str, Any]) -> bool:
    """Whether the spec is a scenario rather than the key of one in the library."""
    spec = document.get("spec")
    return isinstance(spec, Mapping) and "scenario" not in spec


def in_order(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the order of its names written down, as a JSON column forgets it."""
    return {**document, "spec": ordered(document["spec"])}


def faults_of(document: Mapping[str, Any]) -> tuple[Fault, ...]:
    """What the engine would refuse, with the paths from the top of the document."""
    try:
        parse_scenario(document)
    except ScenarioRefused as refused:
        return refused.faults
    return ()
