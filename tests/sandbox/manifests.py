"""Small manifests that work without a language model."""

from __future__ import annotations

from typing import Any

from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json

WHY = "The reader looks passages up in it."
REPORT = "The harbour ferry needs a battery of 640 kWh. It costs 410,000 euros and pays for itself after six years."


def reader(**changes: Any) -> dict[str, Any]:
    """A crew of one that answers from documents; `changes` go over its sections."""
    return {
        "apiVersion": "guildhall/v1",
        "kind": "Crew",
        "metadata": {
            "namespace": "acme",
            "name": "ferry-reader",
            "version": "1.0.0",
            "title": "Ferry reader",
            "summary": "Answers one question from your documents.",
            "description": "It looks up passages and answers with them.",
            "license": "MIT",
            "categories": ["research"],
        },
        "spec": {
            "process": "sequential",
            "agents": [
                {
                    "name": "reader",
                    "role": "Reader",
                    "goal": "Answer from the documents.",
                    "backstory": "You quote.",
                    "tools": ["search_knowledge"],
                }
            ],
            "tasks": [
                {
                    "name": "answer",
                    "description": "Answer the question: {question}",
                    "expected_output": "An answer with citations.",
                    "agent": "reader",
                }
            ],
        },
        "inputs": {
            "schema": {
                "type": "object",
                "properties": {"question": {"type": "string", "title": "Question"}},
                "required": ["question"],
                "additionalProperties": False,
            },
            "examples": [{"question": "How large is the battery?"}],
        },
        "requires": {
            "tools": ["search_knowledge"],
            "documents": True,
            "models": [{"capability": "tools", "offline": True}],
        },
        "permissions": [
            {"kind": "knowledge", "access": "read", "why": WHY},
            {"kind": "tool", "tool": "search_knowledge", "why": WHY},
            {"kind": "model", "why": WHY},
        ],
        "limits": {"minutes": 5},
        "evaluation": {
            "cases": [
                {
                    "name": "battery",
                    "inputs": {"question": "How large a battery does the ferry need?"},
                    "documents": [{"title": "Ferry study", "text": REPORT}],
                    "expect": [{"kind": "contains", "value": "640 kWh"}, {"kind": "citations", "value": 1}],
                }
            ]
        },
        "disclosure": {
            "data_goes_to": "The workspace's own model.",
            "personal_data": "None.",
            "known_limits": ["It reads passages, not whole documents."],
            "human_oversight": "Each statement names its source.",
        },
        **changes,
    }


def manifest(**changes: Any) -> Manifest:
    return read_json(reader(**changes))
