"""Small manifests to hide things in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json

Document = dict[str, Any]
PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")


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


def many(texts: Iterable[str]) -> Manifest:
    """One manifest with a task for each text, in their order; `{names}` in them are its inputs, and it may search."""
    found, texts = document(), list(texts)
    task = found["spec"]["tasks"][0]
    found["spec"]["tasks"] = [{**task, "name": f"t{number}", "description": text} for number, text in enumerate(texts)]
    names = {name: {"type": "string"} for text in texts for name in PLACEHOLDER.findall(text)}
    found["inputs"] = {"schema": {"type": "object", "properties": names}, "examples": [dict.fromkeys(names, "x")]}
    put(found, ("spec", "agents", 0, "tools"), ["search_knowledge"])
    put(found, ("requires", "tools"), ["search_knowledge"])
    found["permissions"] += [
        {"kind": "tool", "tool": "search_knowledge", "why": "It looks things up."},
        {"kind": "knowledge", "access": "read", "why": "It looks things up."},
    ]
    return read_json(found)


def of_task(path: str) -> int:
    """Which text a finding at `path` is about."""
    match = re.match(r"spec\.tasks\[(\d+)\]", path)
    return int(match[1]) if match else -1


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
