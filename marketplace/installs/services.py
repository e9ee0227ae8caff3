"""Taking a listing into a workspace, and putting it away again."""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import version as release_of
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from agents.tools.house import TOOLS
from marketplace.installs import access, copying
from marketplace.installs.models import Grant, Installation
from marketplace.manifest.canonical import digest
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json
from marketplace.models import InstallLedger, Listing, ListingVersion
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, FieldError, Invalid, WrongState

ENGINES = {"agent": "crewai", "crew": "crewai", "scenario": "mesa"}


@transaction.atomic
def install_listing(*, version: ListingVersion, grants: Collection[str], by: Member) -> Installation:
    """Copy `version` into the workspace of `by`, in whose schema this is called.

    `grants` must name every permission that the manifest asks for, by its code, and no other.
    """
    require_builder(by)
    manifest = _checked(version)
    _check_tools(manifest)
    _check_grants(manifest, grants)
    installation = _record(version, manifest, by)
    Grant.objects.bulk_create(
        Grant(
            installation=installation, code=code, digest=version.digest, by_id=by.user_id, by_name=by.name or by.email
        )
        for code in sorted(grants)
    )
    copying.copy_into(installation, manifest, by=by)
    audit.record("listing.installed", installation, by=by, version=version.semver, grants=sorted(grants))
    _enter_in_ledger(version, by)
    return installation


@transaction.atomic
def remove_installation(*, installation: Installation, by: Member) -> Installation:
    """Put an installation away. What it made here goes with it; finished runs stay, with all that they need."""
    require_builder(by)
    installation = access.lock(installation.pk)
    installation.move_to(Installation.State.REMOVED)
    copying.remove_copies(installation, by=by)
    installation.removed_at = timezone.now()
    installation.save(update_fields=["state", "removed_at", "updated_at"])
    audit.record("listing.removed", installation, by=by)
    InstallLedger.objects.filter(tenant_id=by.tenant_id, listing_id=installation.listing_id).update(
        state=InstallLedger.State.REMOVED, updated_at=timezone.now()
    )
    Listing.objects.filter(pk=installation.listing_id, installs__gt=0).update(installs=F("installs") - 1)
    return installation


def _checked(version: ListingVersion) -> Manifest:
    """The manifest of a version that may be installed, and that is what it was when it was published."""
    if not version.is_published:
        raise WrongState(f"{version} is not published; it cannot be installed.")
    if version.availability == ListingVersion.Availability.YANKED:
        raise WrongState(
            f"{version} was withdrawn by its publisher: {version.availability_reason} Install another version.",
            code="yanked",
        )
    manifest = read_json(version.manifest)
    if digest(manifest) != version.digest:
        raise Conflict(
            f"The content of {version} does not match its digest. Tell the platform’s operator.", code="digest"
        )
    return manifest


def _check_tools(manifest: Manifest) -> None:
    """A tool that this house does not have is refused now, not in the middle of the first run."""
    missing = sorted(set(manifest.requires.tools) - TOOLS.keys())
    if missing:
        raise WrongState(
            f"{manifest.metadata.title} needs the tool {', '.join(missing)}, which this platform does not have. "
            "Look for a listing that does without.",
            code="missing_tool",
        )


def _check_grants(manifest: Manifest, grants: Collection[str]) -> None:
    asked = {permission.meaning().code: permission.meaning().sentence for permission in manifest.permissions}
    missing = [code for code in asked if code not in grants]
    if missing:
        told = "; ".join(f"{asked[code]} ({code})" for code in missing)
        faults = [FieldError("grants", "not_granted", f"{asked[code]}: {code}") for code in missing]
        raise Invalid(
            f"{manifest.metadata.title} needs permissions that you did not grant: {told}.",
            code="not_granted",
            errors=faults,
        )
    if unknown := sorted(set(grants) - asked.keys()):
        faults = [FieldError("grants", "unknown", f"It does not ask for {code[:100]}.") for code in unknown]
        raise Invalid("You grant what it does not ask for; leave that out.", code="unknown_grant", errors=faults)


def _record(version: ListingVersion, manifest: Manifest, by: Member) -> Installation:
    listing = version.listing
    try:
        with transaction.atomic():
            return Installation.objects.create(
                listing_id=listing.pk,
                version_id=version.pk,
                publisher=manifest.metadata.namespace,
                slug=manifest.metadata.name,
                title=manifest.metadata.title,
                kind=listing.kind,
                semver=version.semver,
                digest=version.digest,
                manifest=version.manifest,
                lock=_lock(manifest, version),
                by_id=by.user_id,
                by_name=by.name or by.email,
            )
    except IntegrityError as error:
        raise _installed_already(listing) from error


def _installed_already(listing: Listing) -> Conflict:
    there = access.installed().get(listing_id=listing.pk)
    return Conflict(
        f"{there.title} {there.semver} is installed here already, by {there.by_name} on {there.created_at:%-d %B %Y}. "
        "Use that one, or remove it first.",
        code="already_installed",
        errors=[FieldError("listing", "already_installed", str(there.pk))],
    )


def _lock(manifest: Manifest, version: ListingVersion) -> dict[str, Any]:
    """What this version was resolved to here: enough to say later why two installations differ."""
    lock: dict[str, Any] = {"manifest": version.digest}
    if engine := ENGINES.get(manifest.kind.lower()):
        lock["engine"] = {engine: release_of(engine)}
    return lock


def _enter_in_ledger(version: ListingVersion, by: Member) -> None:
    InstallLedger.objects.update_or_create(
        tenant_id=by.tenant_id,
        listing=version.listing,
        defaults={"listing_version": version, "digest": version.digest, "state": InstallLedger.State.INSTALLED},
    )
    Listing.objects.filter(pk=version.listing_id).update(installs=F("installs") + 1)
