"""Writing down what an installation is pinned to: its fields, its grants, its pin, and the platform's ledger."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import F
from django.utils import timezone

from agents.services import Origin
from agents.tools import services as tools
from marketplace.installs.bounds import bounds_of
from marketplace.installs.copying import Told, mark_of, standing
from marketplace.installs.examining import Examined, Subject
from marketplace.installs.locking import digest_of_lock, lock_of
from marketplace.installs.models import Grant, Installation, Pin
from marketplace.models import InstallLedger, Listing
from tenants.access import Member, Role
from tenants.errors import Conflict

GET_TOO = ("GET", "HEAD")


def told_of(subject: Subject, grants: Collection[str], *, title_before: str = "") -> Told:
    manifest = subject.manifest
    origin = Origin(manifest.ref, subject.digest, tuple(sorted(grants)), bounds_of(manifest))
    words = manifest.metadata
    return Told(words.title, words.summary, words.namespace, words.name, origin, title_before)


def allow_hosts(examined: Examined, *, by: Member) -> None:
    """An admin who installs it allows the hosts that it was granted; nobody else can."""
    if not by.may(Role.ADMIN):
        return
    for permission in examined.survey.hosts:
        methods = dict.fromkeys([*permission.methods, *(GET_TOO if "GET" in permission.methods else ())])
        if permission.host != "*":
            tools.allow_host(host=permission.host, methods=list(methods), by=by)


def pin(installation: Installation, examined: Examined, *, how: Pin.How, grants: Collection[str], by: Member) -> Pin:
    """Pin a locked installation, whose copy stands, to the version that was examined. The grants are all that it now has."""
    subject, name = examined.subject, by.name or by.email
    copied = standing(installation)
    if copied is None:
        raise Conflict("Its copy was deleted a moment ago. Try again.")
    _fill(installation, examined, by)
    installation.copied_digest = mark_of(copied)
    installation.save()
    _grant(installation, grants, by)
    return Pin.objects.create(
        installation=installation,
        number=installation.number,
        how=how,
        version_id=subject.version_id,
        semver=subject.semver,
        digest=subject.digest,
        manifest=subject.document,
        lock=installation.lock,
        lock_digest=installation.lock_digest,
        copied=copied,
        copied_digest=installation.copied_digest,
        bindings=installation.bindings,
        grants=sorted(grants),
        by_id=by.user_id,
        by_name=name,
    )


def _fill(installation: Installation, examined: Examined, by: Member) -> None:
    subject, words = examined.subject, examined.subject.manifest.metadata
    installation.version_id, installation.semver = subject.version_id, subject.semver
    installation.digest, installation.manifest, installation.title = subject.digest, subject.document, words.title
    installation.lock = lock_of(subject.manifest, examined.survey)
    installation.lock_digest = digest_of_lock(installation.lock)
    installation.bindings = {slot: dict(bound) for slot, bound in examined.survey.bindings.items()}
    installation.offered_version_id, installation.offered_semver, installation.offer_note = None, "", ""
    if examined.override:
        installation.override_reason, installation.override_by = examined.override, by.name or by.email
        installation.override_at = timezone.now()


def _grant(installation: Installation, codes: Collection[str], by: Member) -> None:
    """What is granted already keeps the name and the day of whoever granted it."""
    installation.grants.exclude(code__in=codes).delete()
    kept = set(installation.grants.values_list("code", flat=True))
    Grant.objects.bulk_create(
        Grant(
            installation=installation,
            code=code,
            digest=installation.digest,
            by_id=by.user_id,
            by_name=by.name or by.email,
        )
        for code in sorted(set(codes) - kept)
    )


def enter_in_ledger(installation: Installation, *, by: Member, fresh: bool) -> None:
    """Tell the platform which version this workspace holds. `fresh` counts it as one more."""
    values: dict[str, Any] = {"listing_version_id": installation.version_id, "digest": installation.digest}
    InstallLedger.objects.update_or_create(
        tenant_id=by.tenant_id,
        listing_id=installation.listing_id,
        defaults=values | {"state": InstallLedger.State.INSTALLED},
    )
    if fresh:
        Listing.objects.filter(pk=installation.listing_id).update(installs=F("installs") + 1)


def leave_ledger(installation: Installation, *, by: Member) -> None:
    InstallLedger.objects.filter(tenant_id=by.tenant_id, listing_id=installation.listing_id).update(
        state=InstallLedger.State.REMOVED, updated_at=timezone.now()
    )
    Listing.objects.filter(pk=installation.listing_id, installs__gt=0).update(installs=F("installs") - 1)
