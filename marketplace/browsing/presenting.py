"""A manifest as the pages show it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from agents.tools.house import TOOLS
from marketplace.manifest.envelope import CredentialSlot, Manifest, ModelNeed
from marketplace.manifest.inputs import properties
from marketplace.manifest.permissions import Group, Meaning
from marketplace.manifest.specs import CrewSpec, LibraryScenario
from simulations.engine.spec import AbmSpec

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
    found += [_credential_need(slot) for slot in manifest.requires.credentials]
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
    if isinstance(manifest.spec, LibraryScenario | AbmSpec):
        return [{"title": preset.title, "by": preset.description, "tools": ()} for preset in manifest.spec.presets]
    return []


def _model_need(need: ModelNeed) -> Need:
    otherwise = (
        "Without one, the built-in offline model answers: it selects and quotes, and says so."
        if need.offline
        else "It does not run without one."
    )
    return Need(f"{CAPABILITIES[need.capability]}, {need.min_context:,} tokens of context or more", otherwise)


OTHERWISE = {
    "skip": "Without it, that part is left out.",
    "substitute": "Without it, something of the workspace takes its place.",
    "fail": "It does not install without it.",
}


def _credential_need(slot: CredentialSlot) -> Need:
    otherwise = OTHERWISE[slot.otherwise] if slot.required else "It also works without."
    return Need(f"A credential for {slot.provider}", f"{slot.why} {otherwise}")


@dataclass(frozen=True, slots=True)
class Call:
    """A step for a program, and the command that does it."""

    title: str
    command: str


def calls(manifest: Manifest, home: str, ref: str) -> list[Call]:
    """From reading the listing to running what was installed, as commands of curl; `home` is the platform's address."""
    api = f"{home}/w/$WORKSPACE/api/v1"
    sign = '-H "Authorization: Bearer $GUILDHALL_KEY" -H "Content-Type: application/json"'
    grants = [permission.meaning().code for permission in manifest.permissions]
    install = json.dumps({"listing": ref, "version": manifest.metadata.version, "grants": grants})
    return [
        Call("Read it", f"curl {home}/api/v1/marketplace/listings/{ref}/"),
        Call(
            "Install it, granting what it asks for",
            f"curl {sign} \\\n  -d {_quoted(install)} \\\n  {api}/installations/",
        ),
        *_start(manifest, sign, api),
    ]


def _start(manifest: Manifest, sign: str, api: str) -> Iterator[Call]:
    """The answer of the installation names what was made of it: that is what runs."""
    example = dict(manifest.inputs.examples[0]) if manifest.inputs else {}
    kind = manifest.kind.lower()
    if kind in {"crew", "agent"}:
        body = json.dumps({kind: f"the {kind} of the answer", "inputs": example}, ensure_ascii=False)
        yield Call("Run it", f"curl {sign} \\\n  -d {_quoted(body)} \\\n  {api}/runs/")
    elif kind == "scenario":
        body = json.dumps({"scenario": "the scenario of the answer"})
        yield Call("Run it", f"curl {sign} \\\n  -d {_quoted(body)} \\\n  {api}/simulations/")


def _quoted(text: str) -> str:
    """One word for a shell, whatever is in it."""
    return shlex.quote(text)
