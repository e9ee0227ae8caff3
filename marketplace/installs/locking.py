"""The lock of an installation: what a version was resolved to, so that two installations can be held against each other.

What stands under `here` differs from one instance to the next: which model answers, what fills the slots, which tools stand in for
others. Everything else is the same wherever the same version is installed under the same release, and has a digest of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version as release_of
from typing import Any

from agents.tools.house import TOOLS
from agents.tools.registry import Tool
from marketplace.installs.needs import Survey
from marketplace.manifest.canonical import digest as digest_of_manifest
from marketplace.manifest.envelope import Manifest, ToolManifest
from marketplace.manifest.powers import agents_of, tools_of
from marketplace.manifest.specs import CrewSpec

FORMAT = "guildhall-lock/1"
ENGINES = {"Agent": ("crewai",), "Crew": ("crewai",), "Scenario": ("mesa",), "Tool": ()}
HERE = "here"


def lock_of(manifest: Manifest, survey: Survey) -> dict[str, Any]:
    """The whole lock, with what is only true here under `here`."""
    return {**portable(manifest), HERE: survey.resolved()}


def portable(manifest: Manifest) -> dict[str, Any]:
    """The part that two fresh instances of one release agree on."""
    return {
        "format": FORMAT,
        "ref": manifest.ref,
        "kind": manifest.kind,
        "manifest": digest_of_manifest(manifest),
        "prompts": {path: digest_of(text) for path, text in prompts(manifest)},
        "tools": {name: tool_digest(TOOLS[name]) for name in _tools(manifest) if name in TOOLS},
        "models": [need.model_dump(mode="json") for need in manifest.requires.models],
        "engines": {engine: release_of(engine) for engine in ENGINES[manifest.kind]},
    }


def digest_of_lock(lock: Mapping[str, Any]) -> str:
    return digest_of({name: value for name, value in lock.items() if name != HERE})


def digest_of(value: Any) -> str:
    """Of JSON data in one spelling: sorted names, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def tool_digest(tool: Tool) -> str:
    """The version of a tool: what models are told of it, what it may touch, and how much of it there is."""
    told = (tool.spec.name, tool.spec.description, dict(tool.spec.parameters), list(tool.permissions), tool.effect)
    return digest_of([*told, tool.limits.calls, tool.limits.characters])


def prompts(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Every text that reaches a model, by its path."""
    for agent in agents_of(manifest.spec):
        for field in ("role", "goal", "backstory"):
            yield f"agents.{agent.name}.{field}", getattr(agent, field)
    for task in manifest.spec.tasks if isinstance(manifest.spec, CrewSpec) else ():
        for field in ("description", "expected_output", "guardrail"):
            yield f"tasks.{task.name}.{field}", getattr(task, field) or ""


def _tools(manifest: Manifest) -> list[str]:
    if isinstance(manifest, ToolManifest):
        return [manifest.spec.tool]
    return sorted({*tools_of(manifest.spec), *manifest.requires.tools})
