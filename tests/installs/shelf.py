"""Small listings of every kind, put on the market row by row: what installing needs, and nothing of how publishing works."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from marketplace.manifest.canonical import as_document, canonical, digest
from marketplace.manifest.reading import read_json
from marketplace.manifest.text import semver_key
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.publishing.market import words_of
from tenants.models import Tenant

MODEL = {"kind": "model", "why": "Its agents answer."}
KNOWLEDGE = {"kind": "knowledge", "access": "read", "why": "It quotes."}
SEARCH = {"kind": "tool", "tool": "search_knowledge", "why": "It searches."}
SPEND = {"kind": "budget", "usd": 1.0, "why": "A run costs something."}
TEXT_MODEL = {"capability": "text", "offline": True}
INPUTS = {
    "schema": {
        "type": "object",
        "properties": {"task": {"type": "string", "title": "Task", "description": "What to do."}},
        "required": ["task"],
    },
    "examples": [{"task": "Say hello."}],
}
ANNA = {"name": "anna", "role": "Reader", "goal": "Answer {task}", "backstory": "Careful.", "max_iter": 3}
ANSWER = {"name": "answer", "description": "{task}", "expected_output": "An answer.", "agent": "anna"}


def document(kind: str, name: str, version: str = "1.0.0", **parts: Any) -> dict[str, Any]:
    """A manifest of this kind with defaults for all that a test does not care about."""
    return {
        "apiVersion": "guildhall/v1",
        "kind": kind,
        "metadata": {
            "namespace": "globex",
            "name": name,
            "version": version,
            "title": name.replace("-", " ").capitalize(),
            "summary": "A small one.",
            "description": "A small listing.",
            "license": "MIT",
            "categories": ["research"],
        },
        "requires": {},
        "limits": {"minutes": 5, "usd": 1.0},
        "disclosure": {
            "data_goes_to": "Nobody.",
            "personal_data": "None.",
            "known_limits": ["It is small."],
            "human_oversight": "You read it.",
        },
    } | parts


def reader(version: str = "1.0.0", **parts: Any) -> dict[str, Any]:
    """A crew of one agent."""
    spec = {"process": "sequential", "agents": [ANNA], "tasks": [ANSWER]}
    usual = {"spec": spec, "inputs": INPUTS, "permissions": [MODEL, SPEND], "requires": {"models": [TEXT_MODEL]}}
    return document("Crew", "reader", version, **(usual | parts))


def helper(version: str = "1.0.0", **parts: Any) -> dict[str, Any]:
    """A single agent."""
    usual = {
        "spec": ANNA | {"goal": "Answer."},
        "inputs": INPUTS,
        "permissions": [MODEL],
        "requires": {"models": [TEXT_MODEL]},
    }
    return document("Agent", "helper", version, **(usual | parts))


def sums(version: str = "1.0.0", **parts: Any) -> dict[str, Any]:
    """A tool: the house's calculator with its sum settled."""
    usual = {
        "spec": {"tool": "calculator", "settings": {"expression": "6 * 7"}},
        "permissions": [{"kind": "tool", "tool": "calculator", "why": "It reckons."}],
        "requires": {"tools": ["calculator"]},
    }
    return document("Tool", "the-answer", version, **(usual | parts))


def offer(written: dict[str, Any], *, by: Tenant | None = None, visibility: str = "public") -> ListingVersion:
    """Put one version on the market, as published by globex, or by the workspace `by`."""
    manifest = read_json(written)
    publisher, _ = Publisher.objects.get_or_create(
        namespace=manifest.metadata.namespace,
        defaults={"display_name": "Globex", "tenant_id": by.pk if by else None},
    )
    listing, _ = Listing.objects.get_or_create(
        publisher=publisher, slug=manifest.metadata.name, defaults={"kind": manifest.kind.lower(), **words_of(manifest)}
    )
    version = ListingVersion.objects.create(
        listing=listing,
        semver=manifest.metadata.version,
        manifest=as_document(manifest),
        digest=digest(manifest),
        size=len(canonical(manifest)),
        risk=manifest.risk,
        review_state=ListingVersion.ReviewState.PUBLISHED,
        published_at=timezone.now(),
    )
    current = listing.current_version
    if current is None or semver_key(current.semver) < semver_key(version.semver):
        listing.current_version, listing.published_at = version, listing.published_at or timezone.now()
    listing.visibility = visibility
    listing.save()
    return version


def codes_of(version: ListingVersion) -> list[str]:
    """All that it asks for."""
    return [permission.meaning().code for permission in read_json(version.manifest).permissions]
