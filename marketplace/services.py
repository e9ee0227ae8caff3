"""What may be done on the marketplace."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction
from django.utils import timezone

from marketplace.browsing.queries import search_vector
from marketplace.browsing.spelling import trigrams
from marketplace.manifest.canonical import as_document, canonical, digest
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.problems import ManifestError
from marketplace.manifest.reading import read_yaml
from marketplace.manifest.text import semver_key
from marketplace.models import Listing, ListingVersion, Publisher
from tenants.errors import Conflict, FieldError, Invalid
from tenants.models import User

CATALOGUE = Path(__file__).parent / "catalogue"
HOUSE = "guildhall"


def read_manifest(text: str | bytes) -> Manifest:
    """The manifest in a YAML text. Raises Invalid; every fault has its line and column."""
    try:
        return read_yaml(text)
    except ManifestError as error:
        faults = [FieldError(problem.field, problem.code, problem.sentence) for problem in error.problems]
        raise Invalid(f"This manifest cannot be used: {faults[0].detail}", code="manifest", errors=faults) from error


def publish_catalogue(*, by: User | None = None) -> list[ListingVersion]:
    """Put every listing of our own on the market; those already there stay as they are."""
    return [publish_builtin(path=path, by=by) for path in sorted(CATALOGUE.glob("*.yaml"))]


@transaction.atomic
def publish_builtin(*, path: Path, by: User | None = None) -> ListingVersion:
    """Publish one of our own manifests. Doing it again changes nothing; changed content needs a new number."""
    manifest = read_manifest(path.read_bytes())
    if manifest.metadata.namespace != HOUSE:
        raise Invalid(f"{path.name} is of the namespace {manifest.metadata.namespace}; the house publishes as {HOUSE}.")
    listing = _listing_for(manifest)
    known = listing.versions.filter(semver=manifest.metadata.version).first()
    if known is None:
        return _publish(_new_version(listing, manifest, by), manifest)
    if known.digest != digest(manifest):
        raise Conflict(
            f"{manifest.ref} is published with other content. A published version never changes: raise the version in {path.name}.",
            code="version_taken",
        )
    return known


def _listing_for(manifest: Manifest) -> Listing:
    """The listing of this manifest, locked, made if it is new."""
    publisher, _ = Publisher.objects.get_or_create(
        namespace=manifest.metadata.namespace,
        defaults={
            "display_name": "Guildhall",
            "about": "The people who make this platform.",
            "verified_at": timezone.now(),
        },
    )
    listing, _ = Listing.objects.get_or_create(
        publisher=publisher, slug=manifest.metadata.name, defaults={"kind": manifest.kind.lower(), **_words(manifest)}
    )
    return (
        Listing.objects.select_for_update(of=("self",))
        .select_related("publisher", "current_version")
        .get(pk=listing.pk)
    )


def _words(manifest: Manifest) -> dict[str, object]:
    """What a listing copies from its current version."""
    told = manifest.metadata
    return {
        "title": told.title,
        "summary": told.summary,
        "description": told.description,
        "category": told.categories[0],
        "tags": list(told.tags),
        "licence": told.license,
        "offline": manifest.offline,
    }


def _new_version(listing: Listing, manifest: Manifest, by: User | None) -> ListingVersion:
    now = timezone.now()
    return ListingVersion.objects.create(
        listing=listing,
        semver=manifest.metadata.version,
        manifest=as_document(manifest),
        digest=digest(manifest),
        size=len(canonical(manifest)),
        changelog=manifest.metadata.changelog,
        risk=manifest.risk,
        review_state=ListingVersion.ReviewState.APPROVED,
        submitted_by_id=by.pk if by else None,
        submitted_at=now,
    )


def _publish(version: ListingVersion, manifest: Manifest) -> ListingVersion:
    version.move_to(ListingVersion.ReviewState.PUBLISHED)
    version.published_at = timezone.now()
    version.save(update_fields=["review_state", "published_at", "updated_at"])
    current = version.listing.current_version
    if current is None or semver_key(current.semver) < semver_key(version.semver):
        _make_current(version, manifest)
    return version


def _make_current(version: ListingVersion, manifest: Manifest) -> None:
    listing = version.listing
    for name, value in _words(manifest).items():
        setattr(listing, name, value)
    listing.current_version = version
    listing.published_at = listing.published_at or version.published_at
    listing.trigrams = trigrams([listing.title, listing.slug, *listing.tags])
    listing.save()
    Listing.objects.filter(pk=listing.pk).update(search=search_vector(listing))
