"""A manifest that asks for little."""

from __future__ import annotations

from typing import Any


def plain(namespace: str = "acme", **changes: Any) -> dict[str, Any]:
    """A scenario that asks for nothing but processor time: little can go wrong, and it is evaluated within a moment."""
    return {
        "apiVersion": "guildhall/v1",
        "kind": "Scenario",
        "metadata": {
            "namespace": namespace,
            "name": "quiet-town",
            "version": "1.0.0",
            "title": "Quiet town",
            "summary": "People move until they are content.",
            "description": "A small town in which people move.",
            "license": "MIT",
            "categories": ["education"],
        },
        "spec": {"scenario": "schelling", "parameters": {"size": 10}, "steps": 5, "seed": 7},
        "requires": {},
        "permissions": [{"kind": "compute", "why": "It computes each step."}],
        "limits": {"minutes": 1},
        "disclosure": {
            "data_goes_to": "Nobody.",
            "personal_data": "None.",
            "known_limits": ["It is a model of few rules."],
            "human_oversight": "Nothing acts outside the simulation.",
        },
        **changes,
    }
