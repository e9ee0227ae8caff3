"""Scenarios as texts: what a person writes becomes a definition, and a workspace's scenario its manifest again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from agents.documents import MAX_BYTES, Document, ManifestError, load, write
from agents.documents.characters import unreadable
from simulations.engine.errors import Refusal
from simulations.engine.spec import LIMITS, Limits, ScenarioRefused, ScenarioSpec, ordered, parse_scenario
from simulations.limits import limits
from simulations.models import Scenario
from tenants.errors import FieldError, Invalid, NotFound

FORMAT = "guildhall/v1"
LIBRARY = Path(__file__).parent / "scenarios"


class ManifestRefused(Invalid):
    """A manifest that cannot be used; `problems` names every fault with its path, its line, and what is allowed."""

    code = "manifest"

    def __init__(self, problems: tuple[Refusal, ...]) -> None:
        errors = [FieldError(each.path, each.code, _sentence(each)) for each in problems]
        super().__init__(f"This scenario cannot be used: {errors[0].detail}", errors=errors)
        self.problems = problems


def _sentence(problem: Refusal) -> str:
    return f"line {problem.line}: {problem.detail}" if problem.line else problem.detail


def read_written(sent: str | Mapping[str, Any]) -> ScenarioSpec:
    """What somebody writes here: within the limits of this installation."""
    return read_scenario(sent, limits())


def read_scenario(sent: str | Mapping[str, Any], within: Limits = LIMITS) -> ScenarioSpec:
    """The scenario in a YAML text, or in its decoded JSON. Raises ManifestRefused for all faults at once."""
    document = _loaded(sent) if isinstance(sent, str) else _bounded(sent)
    _refuse_unreadable(document)
    try:
        return parse_scenario(document.value, lines=document, limits=within)
    except ScenarioRefused as refused:
        raise ManifestRefused(refused.problems) from None


def _refuse_unreadable(document: Document) -> None:
    found = [
        Refusal(each.field, each.code, each.detail, (document.locate(each.path) or (None,))[0])
        for each in unreadable(document.value)
    ]
    if found:
        raise ManifestRefused(tuple(found))


def _loaded(text: str) -> Document:
    try:
        return load(text)
    except ManifestError as error:
        found = (Refusal(each.field, each.code, each.detail, each.line) for each in error.problems)
        raise ManifestRefused(tuple(found)) from None


def _bounded(sent: Mapping[str, Any]) -> Document:
    """JSON that came by API: as large and as deep as a text may be."""
    try:
        size = len(json.dumps(sent, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        detail = "It cannot be written down: it is nested too deep, or holds a number without end."
        raise ManifestRefused((Refusal("", "too_deep", detail),)) from None
    if size > MAX_BYTES:
        detail = f"A manifest may have at most {MAX_BYTES // 1024} kB."
        raise ManifestRefused((Refusal("", "too_large", detail),))
    return Document(value=dict(sent))


def manifest_of(scenario: Scenario) -> dict[str, Any]:
    """The workspace's scenario as a manifest, in its order: its definition with the workspace's own words and defaults."""
    definition = scenario.definition or library_manifest(scenario.key)
    metadata = {**definition["metadata"], **_words(definition["metadata"], scenario)}
    spec = ordered(_with_defaults(definition["spec"], scenario))
    return {"apiVersion": FORMAT, "kind": "Scenario", "metadata": metadata, "spec": spec}


def _words(metadata: Mapping[str, Any], scenario: Scenario) -> dict[str, str]:
    """The names and texts that were changed here; a row keeps less of a long text than its definition."""
    ours = {"title": scenario.name, "summary": scenario.summary, "description": scenario.description}
    return {name: text for name, text in ours.items() if text and not str(metadata.get(name, "")).startswith(text)}


def _with_defaults(spec: Mapping[str, Any], scenario: Scenario) -> dict[str, Any]:
    """The spec that says itself what the row says besides: parameters, presets, policy, steps, seed."""
    found: dict[str, Any] = {**spec, "time": {**spec.get("time", {}), "max_steps": scenario.steps}}
    found["parameters"] = {
        name: {**setting, "default": scenario.parameters.get(name, setting["default"])}
        for name, setting in spec.get("parameters", {}).items()
    }
    found |= {"presets": [dict(preset) for preset in scenario.presets], "seed": scenario.seed}
    known = parse_scenario({"metadata": {"name": "x"}, "spec": ordered(spec)})
    if scenario.policy and scenario.policy != known.usual_policy:
        found["assign"] = dict.fromkeys(spec["archetypes"], scenario.policy)
    return {name: part for name, part in found.items() if part not in ({}, [], None)}


@cache
def library_manifest(key: str) -> dict[str, Any]:
    """The manifest of a scenario of the library. Raises NotFound where it has none."""
    found = LIBRARY / f"{key}.yaml"
    if not found.is_file() or found.parent != LIBRARY:
        raise NotFound(f"The scenario {key!r} has no manifest: it is not in this release's library.")
    manifest: dict[str, Any] = load(found.read_bytes()).value
    return {name: manifest[name] for name in ("metadata", "spec")}


def as_yaml(scenario: Scenario) -> str:
    """The same as a text that `read_scenario` reads."""
    manifest = manifest_of(scenario)
    spec = {name: part for name, part in manifest["spec"].items() if name != "order"}
    return write({**manifest, "spec": spec})
