"""From a listing to its row in the index of the search."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db.models import Value

from marketplace.browsing import standing, vocabulary
from marketplace.browsing.models import Entry
from marketplace.browsing.spelling import folded, words
from marketplace.browsing.wishes import COSTS
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json
from marketplace.models import Listing

LANGUAGE = "english"
UNBOUNDED = 1e9
DESCRIPTION = (
    1_500  # letters of it that are searched: more would make every row long, and the end of a text says little
)


def index(listing: Listing) -> None:
    """Make the listing findable as it is now, or not findable: only what is public and published stands in the index.

    Called in the transaction that published it or changed who sees it.
    """
    version = listing.current_version
    if version is None or listing.published_at is None or not _is_open(listing):
        Entry.objects.filter(pk=listing.pk).delete()
        return
    manifest = read_json(version.manifest)
    is_new = not Entry.objects.filter(pk=listing.pk).exists()
    Entry.objects.update_or_create(listing=listing, defaults=_row(listing, manifest))
    standing.reweigh([listing.pk])
    if is_new:
        vocabulary.learn(words(f"{_name(listing)} {' '.join(listing.tags)}") + words(listing.summary))


def index_all() -> int:
    """Put right what the index has missed: listings that it lacks, listings that went, weights; how many rows changed."""
    gone, _ = Entry.objects.exclude(
        listing__visibility=Listing.Visibility.PUBLIC, listing__retired_at=None, listing__published_at__isnull=False
    ).delete()
    missing = Listing.objects.filter(
        visibility=Listing.Visibility.PUBLIC, retired_at=None, published_at__isnull=False, entry=None
    ).select_related("current_version")
    added = 0
    for listing in missing.iterator(chunk_size=200):
        index(listing)
        added += 1
    return gone + added + standing.reweigh()


def traits_of(manifest: Manifest) -> list[str]:
    """What the filters ask for, as `filter:value`. A cost stands under every bound that it keeps."""
    told = manifest.metadata
    found = [
        f"kind:{manifest.kind.lower()}",
        f"risk:{manifest.risk.name.lower()}",
        f"licence:{told.license}",
        *(f"category:{category}" for category in told.categories),
        *(f"language:{language}" for language in told.languages),
        *(f"needs:{need}" for need in needs_of(manifest)),
        *(f"cost:{bound}" for bound in COSTS if most_per_run(manifest) <= float(bound)),
    ]
    return [*found, "offline:yes"] if manifest.offline else found


def needs_of(manifest: Manifest) -> list[str]:
    """What must be there before the first run; `nothing` where that is so."""
    requires = manifest.requires
    found = ["model"] if requires.models else []
    found += ["documents"] if requires.documents else []
    found += ["credentials"] if any(slot.required for slot in requires.credentials) else []
    found += ["network"] if any(permission.kind == "network" for permission in manifest.permissions) else []
    return found or ["nothing"]


def most_per_run(manifest: Manifest) -> float:
    """US dollars that one run may cost by the listing's own bound: nothing where it calls no model, UNBOUNDED where it has none."""
    if not manifest.requires.models:
        return 0.0
    return manifest.limits.usd or UNBOUNDED


def _is_open(listing: Listing) -> bool:
    return listing.visibility == Listing.Visibility.PUBLIC and listing.retired_at is None


def _name(listing: Listing) -> str:
    return f"{listing.title} {listing.slug.replace('-', ' ')}"


def _row(listing: Listing, manifest: Manifest) -> dict[str, Any]:
    return {
        "slug": listing.slug,
        "title": listing.title,
        "name": folded(listing.title),
        "names": SearchVector(Value(_name(listing)), config="simple"),
        "words": _words(listing),
        "traits": traits_of(manifest),
        "tags": listing.tags,
        "usd": most_per_run(manifest),
        "published_at": listing.published_at,
    }


def _words(listing: Listing) -> Any:
    """Weighted text: title A, summary B, tags and category C, the beginning of the description D."""
    weighted = [
        (_name(listing), "A"),
        (listing.summary, "B"),
        (" ".join([*listing.tags, listing.category]).replace("-", " "), "C"),
        (listing.description[:DESCRIPTION], "D"),
    ]
    first, *rest = (SearchVector(Value(text), weight=weight, config=LANGUAGE) for text, weight in weighted)
    vector: Any = first
    for part in rest:
        vector += part
    return vector
