"""The house's own listings: the same checks and the same moves as everybody's, without a queue."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction
from django.utils import timezone

from marketplace.manifest.canonical import as_document, canonical, digest
from marketplace.manifest.envelope import Manifest
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation import transitions
from marketplace.moderation.actors import SYSTEM
from marketplace.publishing.checking import report_of
from marketplace.publishing.manifests import read_manifest
from marketplace.publishing.market import words_of
from simulations import scenarios
from tenants.errors import Conflict, FieldError, Invalid
from tenants.models import User

CATALOGUE = Path(__file__).parents[2] / "catalogue"
LIBRARY = Path(scenarios.__file__).parent
HOUSE = "guildhall"
States = ListingVersion.ReviewState


def publish_catalogue(*, by: User | None = None) -> list[ListingVersion]:
    """Put every listing of our own on the market; those already there stay as they are."""
    return [publish_builtin(path=path, by=by) for path in house_manifests()]


def house_manifests() -> list[Path]:
    """The files of our own listings: the catalogue, and the scenarios of the library."""
    return [*sorted(CATALOGUE.glob("*.yaml")), *sorted(LIBRARY.glob("*.yaml"))]


@transaction.atomic
def publish_builtin(*, path: Path, by: User | None = None) -> ListingVersion:
    """Publish one of our own manifests. Doing it again changes nothing; changed content needs a new number.

    What the checks find against it keeps it from the market, as anybody's. Its cases are tried in the background, later.
    """
    manifest = read_manifest(path.read_bytes())
    if manifest.metadata.namespace != HOUSE:
        raise Invalid(f"{path.name} is of the namespace {manifest.metadata.namespace}; the house publishes as {HOUSE}.")
    listing = _listing_for(manifest)
    known = listing.versions.select_related("listing").filter(semver=manifest.metadata.version).first()
    if known is None:
        return _published(_new_version(listing, manifest, by))
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
        publisher=publisher, slug=manifest.metadata.name, defaults={"kind": manifest.kind.lower(), **words_of(manifest)}
    )
    return transitions.lock_listing(listing.pk)


def _new_version(listing: Listing, manifest: Manifest, by: User | None) -> ListingVersion:
    return ListingVersion.objects.create(
        listing=listing,
        semver=manifest.metadata.version,
        manifest=as_document(manifest),
        digest=digest(manifest),
        size=len(canonical(manifest)),
        changelog=manifest.metadata.changelog,
        risk=manifest.risk,
        submitted_by_id=by.pk if by else None,
    )


def _published(version: ListingVersion) -> ListingVersion:
    transitions.move(version.pk, to=States.SUBMITTED, expected={States.DRAFT}, by=SYSTEM)
    checked = transitions.move(version.pk, to=States.CHECKING, expected={States.SUBMITTED}, by=SYSTEM)
    wrong = [finding for finding in report_of(checked).findings if finding.stops]
    if wrong:
        faults = [FieldError(finding.path, finding.code, f"{finding.message} {finding.fix}") for finding in wrong]
        raise Invalid(f"{version} does not pass the checks: {wrong[0].message}", code="checks", errors=faults)
    transitions.move(version.pk, to=States.APPROVED, expected={States.CHECKING}, by=SYSTEM, reason="Of the house.")
    return ListingVersion.objects.select_related("listing__publisher").get(pk=version.pk)
