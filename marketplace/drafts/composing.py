"""From a draft, or from what a program sends, to the manifest that would be sent in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.documents import ManifestError, Problem
from marketplace.drafts.models import Draft
from marketplace.drafts.sources import Source, source_of
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.from_workspace import About, Document
from marketplace.manifest.powers import code_of
from marketplace.manifest.reading import read_json
from marketplace.publishing.publishers import namespace_for
from tenants.access import Member

FIRST_VERSION = "1.0.0"
SCHEDULED = "It can be started at set times, as in every Monday morning."


@dataclass(frozen=True, slots=True)
class Composed:
    """A draft as a manifest: `document` always, `manifest` where it is complete, else its `problems`."""

    source: Source
    document: Document
    manifest: Manifest | None = None
    problems: tuple[Problem, ...] = field(default_factory=tuple)


def compose(draft: Draft, member: Member) -> Composed:
    """Read the source as it is now. Raises NotFound where it is gone."""
    source = source_of(member, draft.kind, draft.source_id)
    return composed(source, draft.about, member)


def composed(source: Source, told: Mapping[str, Any], member: Member) -> Composed:
    """The manifest of a source with what is told about it."""
    document = source.compose(_about(source, told, member))
    document["permissions"] = _with_reasons(document["permissions"], told.get("reasons", {}))
    _note_offline(document, told)
    _bound(document, told)
    try:
        return Composed(source, document, read_json(document))
    except ManifestError as error:
        return Composed(source, document, problems=error.problems)


def _about(source: Source, told: Mapping[str, Any], member: Member) -> About:
    namespace = namespace_for(member)
    metadata = {"version": FIRST_VERSION, **told.get("metadata", {}), "namespace": namespace}
    if source.origin and not source.origin["ref"].startswith(f"{namespace}/"):
        metadata["forked_from"] = source.origin
    return About(
        metadata=metadata,
        disclosure=told.get("disclosure", {}),
        permissions=_asked(told),
        fields=told.get("inputs", {}),
        examples=told.get("examples", ()),
        limits=told.get("limits", {}),
        evaluation=told.get("evaluation"),
    )


def _asked(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What only the author knows: which hosts are reached, and what for; whether it is meant to start by itself."""
    hosts: list[dict[str, Any]] = [{**host, "kind": "network"} for host in told.get("hosts", ())]
    return [*hosts, {"kind": "schedule", "why": SCHEDULED}] if told.get("scheduled") else hosts


def _with_reasons(found: list[dict[str, Any]], reasons: Mapping[str, str]) -> list[dict[str, Any]]:
    """The detected permissions, with the author's own words where there are any."""
    return [{**each, "why": reasons.get(code_of(each)) or each.get("why", "")} for each in found]


def _note_offline(document: Document, told: Mapping[str, Any]) -> None:
    """Whether the author says that it works without a language model."""
    if told.get("offline"):
        for need in document["requires"].get("models", []):
            need["offline"] = True


def _bound(document: Document, told: Mapping[str, Any]) -> None:
    """The author's bounds, where the definition has none of its own."""
    for name, value in told.get("limits", {}).items():
        if not document["limits"].get(name):
            document["limits"][name] = value
