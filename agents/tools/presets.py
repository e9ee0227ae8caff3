"""A tool under a name of its own: the same work, with some of its arguments settled by whoever configured it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry

from agents.runtimes.outcome import ToolFailed, User
from agents.tools.context import ToolContext
from agents.tools.leave import Granted, Leave
from agents.tools.permissions import Trespass, Trespassed, trespass_of
from agents.tools.registry import Run, Tool

BASE = "base_url"
PATH = {
    "type": "string",
    "pattern": "^/",
    "maxLength": 1_500,
    "description": "What comes after the address of the service, beginning with a slash; with its query if there is one.",
}
READS = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Preset:
    """What is settled of one tool. `grants` bound what it reaches, and `bounds` say how far; None where it was configured here.

    `made_from` is the digest of the manifest that it was copied from.
    """

    name: str
    title: str
    summary: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    grants: frozenset[str] | None = None
    bounds: Mapping[str, Any] = field(default_factory=dict)
    made_from: str = ""


def as_tool(preset: Preset, base: Tool) -> Tool:
    """The tool `base` as crews know it under the preset's name: it asks only for what is not settled."""
    settled = _settled(preset.settings)
    return replace(
        base,
        title=preset.title,
        summary=preset.summary or base.summary,
        spec=replace(
            base.spec,
            name=preset.name,
            description=f"{preset.summary} {base.spec.description}".strip(),
            parameters=_open_parameters(base.spec.parameters, preset.settings),
            acts=base.spec.acts and settled.get("method") not in READS,
            sends_out=base.spec.sends_out and settled.get("method") not in READS,
        ),
        make=_maker(preset, base),
        effect="read" if settled.get("method") in READS and base.effect == "write" else base.effect,
    )


def faults(settings: Mapping[str, Any], base: Tool) -> Iterator[str]:
    """What of the settings does not fit the tool, as sentences."""
    known = base.spec.parameters.get("properties", {})
    for name, value in settings.items():
        if name == BASE and "url" in known:
            if not str(value).startswith(("https://", "http://")):
                yield f"{BASE} must be a whole address with https://."
        elif name not in known:
            yield f"{base.title} has no setting “{name}”; it has {', '.join(_settable(known))}."
        elif not _fits(value, known[name]):
            yield f"The setting “{name}” does not fit {base.title}."


def _settable(known: Mapping[str, Any]) -> list[str]:
    return [*known, *([BASE] if "url" in known else [])] or ["none"]


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    return bool(Draft202012Validator(dict(schema), registry=Registry()).is_valid(value))


def _settled(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name != BASE}


def _open_parameters(parameters: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what a model still says."""
    left = {name: schema for name, schema in parameters.get("properties", {}).items() if name not in settings}
    required = [name for name in parameters.get("required", ()) if name in left]
    if BASE in settings:
        left = {"path": PATH} | {name: schema for name, schema in left.items() if name != "url"}
        required = ["path", *(name for name in required if name != "url")]
    return {**parameters, "properties": left, "required": required}


def _maker(preset: Preset, base: Tool) -> Any:
    def make(context: ToolContext) -> Run:
        inner = base.make(bounded(context, preset))
        forbidden = _forbidden(preset, base)

        async def run(arguments: Mapping[str, Any], user: User) -> str:
            if forbidden is not None:
                raise Trespassed(forbidden)
            return await inner(filled(arguments, preset.settings), user)

        return run

    return make


def _forbidden(preset: Preset, base: Tool) -> Trespass | None:
    """What the tool beneath needs and nobody allowed this one."""
    return trespass_of(base.spec.name, base, Leave((_own(preset),))) if preset.grants is not None else None


def _own(preset: Preset) -> Granted:
    return Granted.of(preset.grants or (), preset.bounds, preset.made_from)


def bounded(context: ToolContext, preset: Preset) -> ToolContext:
    """The run as this tool may see it: no further than it was allowed to, nor than the crew that uses it."""
    if preset.grants is None:
        return context
    own = _own(preset)
    leaves = {name: leave.narrowed(own) for name, leave in context.leaves.items()}
    return replace(context, leave=context.leave.narrowed(own), leaves=leaves)


def filled(arguments: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the tool that does the work. What is settled goes before what a model says."""
    given = {**arguments, **_settled(settings)}
    if BASE in settings:
        path = str(given.pop("path", ""))
        if not path.startswith("/") or path.startswith("//") or "\\" in path:
            raise ToolFailed("The path begins with one slash.")
        given["url"] = str(settings[BASE]).rstrip("/") + path
    return given
