"""Something to judge: Acme publishes, and what it sent in waits in the queue."""

from __future__ import annotations

import copy
from typing import Any

from django.utils import timezone

from marketplace.manifest.canonical import as_document, canonical, digest
from marketplace.manifest.reading import read_json
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation.models import CannedText, Policy, ReviewTask
from marketplace.moderation.services import open_task
from marketplace.publishing.manifests import read_manifest
from marketplace.publishing.services.builtin import CATALOGUE
from tests.cast import workspace

States = ListingVersion.ReviewState


def document(**metadata: Any) -> dict[str, Any]:
    """Our market brief as if Acme had written it."""
    made = as_document(read_manifest((CATALOGUE / "market-brief.yaml").read_bytes()))
    made["metadata"] |= {"namespace": "acme", "name": "brief", "title": "Acme brief", "version": "1.0.0"} | metadata
    return copy.deepcopy(made)


def publisher(namespace: str = "acme") -> Publisher:
    made, _ = Publisher.objects.get_or_create(
        namespace=namespace, defaults={"display_name": namespace.capitalize(), "tenant_id": workspace(namespace).pk}
    )
    return made


def version(made: dict[str, Any], *, state: str = States.IN_REVIEW, namespace: str = "acme") -> ListingVersion:
    """A version of this document, in that state of its review."""
    manifest = read_json(made)
    told = manifest.metadata
    listing, _ = Listing.objects.get_or_create(
        publisher=publisher(namespace),
        slug=told.name,
        defaults={
            "kind": manifest.kind.lower(),
            "title": told.title,
            "summary": told.summary,
            "description": told.description,
            "category": told.categories[0],
            "licence": told.license,
        },
    )
    return ListingVersion.objects.create(
        listing=listing,
        semver=told.version,
        manifest=as_document(manifest),
        digest=digest(manifest),
        size=len(canonical(manifest)),
        risk=manifest.risk,
        review_state=state,
        submitted_at=timezone.now(),
        published_at=timezone.now() if state == States.PUBLISHED else None,
    )


def waiting(made: dict[str, Any] | None = None, **points: int) -> ReviewTask:
    """The same, in the queue."""
    return open_task(
        kind=ReviewTask.Kind.VERSION,
        about=version(made or document()),
        reasons=list(points) or ["first_version"],
        weight_info=points or {"first_version": 100},
    )


def grounds(action: str, **more: Any) -> dict[str, Any]:
    """A form of the decision panel that says all that a decision against somebody needs."""
    return {
        "action": action,
        "reason_codes": ["injection"],
        "policy": Policy.objects.get(code="no-orders").pk,
        "reasoning": "It tells the model to hide what it does.",
        "path_0": "spec.agents[0].goal",
        "quote_0": "do not tell the user",
        "delay": "0",
        "step": "send",
        **more,
    }


def ready_text() -> CannedText:
    return CannedText.objects.get(reason_code="injection")


def read(task: ReviewTask) -> ListingVersion:
    """The version that an item is about, as it is now."""
    return ListingVersion.objects.select_related("listing").get(pk=str(task.version_id))
