"""Listings made at once, as published as any: what the tests of browsing look for."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from django.utils import timezone

from marketplace.browsing.indexing import index
from marketplace.manifest.canonical import as_document, canonical, digest
from marketplace.manifest.reading import read_json, read_yaml
from marketplace.models import Listing, ListingVersion, Publisher

BRIEF = as_document(
    read_yaml((Path(__file__).parents[2] / "marketplace" / "catalogue" / "market-brief.yaml").read_bytes())
)


def a_publisher(namespace: str = "acme", **values: Any) -> Publisher:
    return Publisher.objects.get_or_create(
        namespace=namespace, defaults={"display_name": namespace.capitalize(), **values}
    )[0]


def a_listing(
    slug: str = "brief", *, publisher: Publisher | None = None, words: dict[str, Any] | None = None, **values: Any
) -> Listing:
    """A published crew. `words` go over the manifest's metadata, `values` onto the listing."""
    listing = Listing.objects.create(
        publisher=publisher or a_publisher(),
        slug=slug,
        kind="crew",
        published_at=None,
        **_face(slug, words or {}),
        **values,
    )
    return a_version(listing, "1.0.0", words or {})


def a_version(listing: Listing, semver: str, words: dict[str, Any], **sections: Any) -> Listing:
    """Publish another version of it; `sections` replace whole sections of the manifest."""
    document = deepcopy(BRIEF) | sections
    document["metadata"] |= words | {"namespace": listing.publisher.namespace, "name": listing.slug, "version": semver}
    manifest = read_json(document)
    now = timezone.now()
    version = ListingVersion.objects.create(
        listing=listing, semver=semver, manifest=as_document(manifest), digest=digest(manifest), size=len(canonical(manifest)),
        risk=manifest.risk, review_state="published", submitted_at=now, published_at=now,
    )  # fmt: skip
    listing.current_version, listing.published_at = version, listing.published_at or now
    listing.save()
    index(listing)
    return listing


def _face(slug: str, words: dict[str, Any]) -> dict[str, Any]:
    told = BRIEF["metadata"] | words
    return {
        "title": told.get("title", slug), "summary": told["summary"], "description": told["description"],
        "category": told["categories"][0], "tags": told.get("tags", []), "licence": told["license"], "offline": True,
    }  # fmt: skip


def version_of(listing: Listing) -> ListingVersion:
    """Its current version, which these listings always have."""
    assert listing.current_version is not None
    return listing.current_version
