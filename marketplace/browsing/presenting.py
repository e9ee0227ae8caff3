"""A manifest as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from agents.tools.house import TOOLS
from marketplace.manifest.envelope import Manifest, ModelNeed
from marketplace.manifest.inputs import properties
from marketplace.manifest.permissions import Group, Meaning
from marketplace.manifest.specs import CrewSpec, ScenarioSpec

CAPABILITIES = {
    "text": "A language model",
    "tools": "A language model that can use tools",
    "json": "A language model that can answer in JSON",
    "vision": "A language model that can read pictures",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A permission and the publisher's reason for it."""

    meaning: Meaning
    why: str


@dataclass(frozen=True, slots=True)
class Power:
    """The permissions under one heading."""

    group: Group
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must be there, and what happens where it is not."""

    what: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class InputField:
    name: str
    title: str
    help: str
    required: bool
    example: str


def powers(manifest: Manifest) -> tuple[Power, ...]:
    """Permissions under the headings read, write, network, spend; the riskiest first under each."""
    order = list(Group)
    sorted_ = sorted(asked(manifest), key=lambda each: (order.index(each.meaning.group), -each.meaning.risk))
    return tuple(Power(group, tuple(found)) for group, found in groupby(sorted_, key=lambda each: each.meaning.group))


def asked(manifest: Manifest) -> list[Asked]:
    """The permissions in the manifest's order; a tool of the house is called by its title."""
    return [Asked(_spoken(permission.meaning()), permission.why) for permission in manifest.permissions]


def _spoken(meaning: Meaning) -> Meaning:
    kind, _, name = meaning.code.partition(":")
    if kind == "tool" and name in TOOLS:
        return replace(meaning, sentence=f"Use the tool “{TOOLS[name].title}”")
    return meaning


def needs(manifest: Manifest) -> tuple[Need, ...]:
    found = [_model_need(need) for need in manifest.requires.models]
    if manifest.requires.documents:
        found.append(Need("Documents in the workspace", "Upload at least one; it has nothing to read otherwise."))
    return tuple(found)


def input_fields(manifest: Manifest) -> tuple[InputField, ...]:
    if manifest.inputs is None:
        return ()
    schema, example = manifest.inputs.json_schema, manifest.inputs.examples[0]
    return tuple(
        InputField(
            name=name,
            title=str(field.get("title", name)),
            help=str(field.get("description", "")),
            required=name in schema.get("required", ()),
            example=str(example.get(name, "")),
        )
        for name, field in properties(manifest.inputs).items()
    )


def steps(manifest: Manifest) -> list[dict[str, Any]]:
    """Who does what, in order: the tasks of a crew, or the presets of a scenario."""
    if isinstance(manifest.spec, CrewSpec):
        roles = {agent.name: agent.role for agent in manifest.spec.agents}
        return [
            {"title": task.name.replace("_", " ").capitalize(), "by": roles[task.agent], "tools": task.tools}
            for task in manifest.spec.tasks
        ]
    if isinstance(manifest.spec, ScenarioSpec):
        return [{"title": preset.title, "by": preset.description, "tools": ()} for preset in manifest.spec.presets]
    return []


def _model_need(need: ModelNeed) -> Need:
    otherwise = (
        "Without one, the built-in offline model answers: it selects and quotes, and says so."
        if need.offline
        else "It does not run without one."
    )
    return Need(f"{CAPABILITIES[need.capability]}, {need.min_context:,} tokens of context or more", otherwise)
