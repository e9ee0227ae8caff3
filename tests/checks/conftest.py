from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from marketplace.checks.running import keep_fingerprint
from marketplace.manifest.canonical import as_document, digest
from marketplace.manifest.envelope import Manifest
from marketplace.models import Listing, ListingVersion, Publisher

Publish = Callable[..., ListingVersion]


@pytest.fixture
def publish(db: None) -> Publish:
    """Put a manifest on the market as it is, without looking at it: what was let through before there was a rule."""

    def published(manifest: Manifest, **of_publisher: Any) -> ListingVersion:
        about = manifest.metadata
        owner, _ = Publisher.objects.get_or_create(
            namespace=about.namespace, defaults={"display_name": about.namespace.title(), **of_publisher}
        )
        listing, _ = Listing.objects.get_or_create(
            publisher=owner,
            slug=about.name,
            defaults={
                "kind": manifest.kind.lower(), "title": about.title, "summary": about.summary, "description": about.description,
                "category": about.categories[0], "licence": about.license,
            },
        )  # fmt: skip
        version = ListingVersion.objects.create(
            listing=listing,
            semver=about.version,
            manifest=as_document(manifest),
            digest=digest(manifest),
            size=2,
            risk=1,
            review_state="published",
            submitted_at=timezone.now(),
            published_at=timezone.now(),
        )
        Listing.objects.filter(pk=listing.pk).update(current_version=version, published_at=timezone.now())
        keep_fingerprint(version, manifest)
        return version

    return published
