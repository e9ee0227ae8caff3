"""What a listing needs, held against what this workspace has, before anything is copied.

Each need ends in one of six ways. `met` and `offline` are fine; `later` is fine to install and said on the page; `substituted` and
`skipped` are what the manifest says for a need that is not met; `missing` refuses the installation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agents.gateway import gateway
from agents.knowledge.models import Document
from agents.llm.capabilities import capability_of
from agents.llm.routes import Route
from agents.llm.types import CredentialRefused
from agents.tools.models import AllowedHost
from agents.tools.reading import available_tools
from agents.tools.registry import Tool
from agents.tools.web import HTTP_REQUEST
from marketplace.installs.slots import Choice, choices_for
from marketplace.manifest.envelope import CredentialSlot, Fallback, Manifest, ModelNeed, ToolManifest
from marketplace.manifest.permissions import NetworkPermission
from marketplace.manifest.powers import tools_of
from tenants.egress import Policy

State = Literal["met", "offline", "later", "substituted", "skipped", "missing"]
MODELS = {
    "text": "A language model",
    "tools": "A language model that can use tools",
    "json": "A language model that can answer in JSON",
    "vision": "A language model that can read pictures",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One need and how it stands here, in a sentence. `code` names it, as in model:tools, tool:calculate, slot:github."""

    code: str
    what: str
    state: State
    sentence: str
    choices: tuple[Choice, ...] = ()
    chosen: str = ""

    @property
    def slot(self) -> str:
        """The slot's name, for a credential."""
        return self.code.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Survey:
    """Every need. `replaced` maps a tool that is not here to the one in its place, empty for none."""

    found: tuple[Found, ...]
    models: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)
    bindings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hosts: tuple[NetworkPermission, ...] = ()

    @property
    def missing(self) -> list[Found]:
        return [each for each in self.found if each.state == "missing"]

    def resolved(self) -> dict[str, Any]:
        """What it came to here, for the lock."""
        return {
            "models": dict(self.models),
            "tools": dict(self.replaced),
            "slots": {slot: dict(bound) for slot, bound in self.bindings.items()},
            "needs": {each.code: each.state for each in self.found},
        }


def survey(manifest: Manifest, bindings: Mapping[str, str]) -> Survey:
    """Hold the manifest against the current workspace; `bindings` are slots and the ids that somebody chose for them."""
    tools = available_tools()
    models = [_model(need, _routes()) for need in manifest.requires.models]
    used = [_tool(name, _fallback(manifest, name), tools) for name in _required_tools(manifest)]
    slots = [_slot(slot, bindings.get(slot.slot, "")) for slot in manifest.requires.credentials]
    hosts = tuple(_closed_hosts(manifest))
    found = [*(each for each, _ in models), *(each for each, _ in used), *slots]
    return Survey(
        found=(*found, *_hosts(hosts), *_documents(manifest)),
        models={each.code: model for each, model in models if model},
        replaced={each.code.removeprefix("tool:"): instead for each, instead in used if each.state != "met"},
        bindings={each.code.removeprefix("slot:"): _bound(each) for each in slots if each.chosen},
        hosts=hosts,
    )


def _required_tools(manifest: Manifest) -> list[str]:
    base = [manifest.spec.tool] if isinstance(manifest, ToolManifest) else []
    return list(dict.fromkeys([*base, *manifest.requires.tools]))


def _fallback(manifest: Manifest, name: str) -> Fallback | None:
    return next((each for each in manifest.requires.fallbacks if each.tool == name), None)


def _routes() -> list[Route]:
    """The chain as a call would take it; none where no key of it can be opened."""
    try:
        return list(gateway().routes)
    except CredentialRefused:
        return []


def _model(need: ModelNeed, routes: list[Route]) -> tuple[Found, str]:
    """How the need stands, and the model that answers it."""
    what = f"{MODELS[need.capability]}, {need.min_context:,} tokens of context or more"
    code = f"model:{need.capability}"
    real = [route for route in routes if route.provider.name != "offline"]
    fits = [(route, _fits(need, route)) for route in real]
    for wanted, state, told in (
        (True, "met", "{} can."),
        (None, "met", "{} answers here; whether it can is not known."),
    ):
        for route, fit in fits:
            if fit is wanted:
                return Found(code, what, state, told.format(_called(route))), _called(route)  # type: ignore[arg-type]
    if not real and routes and need.offline:
        told = "No model is set up, so the built-in offline one answers: it selects and quotes, and says so."
        return Found(code, what, "offline", told), _called(routes[0])
    return _without_model(need, code, what, real)


def _without_model(need: ModelNeed, code: str, what: str, real: list[Route]) -> tuple[Found, str]:
    have = f"{_called(real[0])} answers here, and it cannot" if real else "No model of this workspace answers"
    if need.otherwise == "substitute" and real:
        return Found(code, what, "substituted", f"{have}. It is taken all the same."), _called(real[0])
    if need.otherwise == "skip":
        return Found(code, what, "skipped", f"{have}. It can be installed; what needs such a model fails."), ""
    return Found(code, what, "missing", f"{have}. An admin adds a provider in the settings."), ""


def _fits(need: ModelNeed, route: Route) -> bool | None:
    capability = capability_of(route.model)
    answers = (capability.has(need.capability), capability.reads(need.min_context))
    return False if False in answers else None if None in answers else True


def _called(route: Route) -> str:
    return f"{route.provider.name}/{route.model}" if route.model else route.provider.name


def _tool(name: str, fallback: Fallback | None, tools: Mapping[str, Tool]) -> tuple[Found, str]:
    """How the need of a tool stands, and the tool in its place."""
    if name in tools:
        return Found(f"tool:{name}", f"The tool “{tools[name].title}”", "met", "It is here."), name
    code, what, gone = f"tool:{name}", f"The tool {name}", f"There is no tool {name} here."
    instead = fallback.substitute if fallback and fallback.otherwise == "substitute" else None
    if instead and instead in tools:
        return Found(code, what, "substituted", f"{gone} “{tools[instead].title}” takes its place."), instead
    if fallback and fallback.otherwise == "skip":
        return Found(code, what, "skipped", f"{gone} It works without."), ""
    return Found(code, what, "missing", f"{gone} It cannot do without."), ""


def _slot(slot: CredentialSlot, wanted: str) -> Found:
    code, what = f"slot:{slot.slot}", f"A credential for {slot.provider}: {slot.why}"
    choices = choices_for(slot.provider)
    chosen = next((each for each in choices if each.id == wanted), None)
    if chosen is None and not wanted and len(choices) == 1:
        chosen = choices[0]
    if chosen is not None:
        return Found(code, what, "met", f"{chosen.label} is used.", choices, chosen.id)
    if choices and slot.required:
        return Found(code, what, "missing", "Choose which of yours it may use.", choices)
    return _without_slot(slot, Found(code, what, "missing", "", choices))


def _without_slot(slot: CredentialSlot, found: Found) -> Found:
    gone = f"This workspace has no credential for {slot.provider}."
    if slot.otherwise == "substitute":
        told = f"{gone} The workspace’s own providers are asked instead."
        return Found(found.code, found.what, "substituted", told, found.choices)
    if slot.otherwise == "skip" or not slot.required:
        return Found(found.code, found.what, "skipped", f"{gone} It works without.", found.choices)
    told = f"{gone} An admin adds a provider, a host with its key or a server in the settings."
    return Found(found.code, found.what, "missing", told, found.choices)


def _bound(found: Found) -> dict[str, str]:
    chosen = next(each for each in found.choices if each.id == found.chosen)
    return {"kind": chosen.kind, "id": chosen.id, "name": chosen.label}


def _closed_hosts(manifest: Manifest) -> Iterator[NetworkPermission]:
    """Hosts that it would send requests to and that no admin has allowed yet."""
    tools = {*tools_of(manifest.spec), *_required_tools(manifest)}
    if HTTP_REQUEST.spec.name not in tools:
        return
    allowed = list(AllowedHost.objects.values_list("host", flat=True))
    for permission in manifest.permissions:
        if isinstance(permission, NetworkPermission) and not Policy(hosts=tuple(allowed)).names(permission.host):
            yield permission


def _hosts(hosts: tuple[NetworkPermission, ...]) -> Iterator[Found]:
    for permission in hosts:
        told = (
            "No admin has allowed this host yet. An admin who installs it allows it by that; or allow it under Tools."
        )
        yield Found(f"host:{permission.host}", f"Requests to {permission.host}", "later", told)


def _documents(manifest: Manifest) -> Iterator[Found]:
    if not manifest.requires.documents:
        return
    if Document.objects.filter(state=Document.State.READY).exists():
        yield Found("documents", "Documents in the workspace", "met", "There are some.")
    else:
        yield Found("documents", "Documents in the workspace", "later", "Upload at least one before the first run.")
