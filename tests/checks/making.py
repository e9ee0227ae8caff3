"""Small manifests to hide things in."""

from __future__ import annotations

from typing import Any

from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json

Document = dict[str, Any]


def document(**metadata: Any) -> Document:
    """A crew of one agent and one task, without inputs, under the name of `acme`."""
    return {
        "apiVersion": "guildhall/v1",
        "kind": "Crew",
        "metadata": {
            "namespace": "acme",
            "name": "helper",
            "version": "1.0.0",
            "title": "Harbour notes",
            "summary": "Keeps notes of what happens in a harbour.",
            "description": "Write down what ships come and go.",
            "license": "MIT",
            "categories": ["other"],
            **metadata,
        },
        "spec": {
            "process": "sequential",
            "agents": [
                {"name": "clerk", "role": "Harbour clerk", "goal": "Write down what happened.", "backstory": ""}
            ],
            "tasks": [
                {
                    "name": "note",
                    "description": "Write down today's ships.",
                    "expected_output": "A list.",
                    "agent": "clerk",
                }
            ],
        },
        "inputs": {"schema": {"type": "object", "properties": {}}, "examples": [{}]},
        "requires": {"models": [{"capability": "text"}]},
        "permissions": [{"kind": "model", "why": "It writes."}],
        "limits": {"minutes": 5, "model_calls": 10, "usd": 0.5},
        "evaluation": {"cases": [{"name": "short", "expect": [{"kind": "max_words", "value": 200}]}]},
        "disclosure": {
            "data_goes_to": "The model of the workspace.",
            "personal_data": "None.",
            "known_limits": ["It knows no ships."],
            "human_oversight": "Read the list.",
        },
    }


def put(found: Document, path: tuple[str | int, ...], value: Any) -> Document:
    """The document with `value` at `path`; containers on the way are made."""
    place: Any = found
    for part in path[:-1]:
        place = place.setdefault(part, {}) if isinstance(place, dict) else place[part]
    place[path[-1]] = value
    return found


def manifest(
    text: str = "", path: tuple[str | int, ...] = ("spec", "tasks", 0, "description"), **metadata: Any
) -> Manifest:
    """The document as a manifest, with `text` at `path` if there is one."""
    found = document(**metadata)
    return read_json(put(found, path, text) if text else found)
