"""Taking a listing into a workspace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from marketplace.installs import access, consenting, copying, rules
from marketplace.installs.examining import Examined, Override, Subject, examine, offered_subject
from marketplace.installs.models import Installation, Pin, UpdatePolicy
from marketplace.installs.services import pinning
from marketplace.models import ListingVersion
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, FieldError, Forbidden


@dataclass(frozen=True, slots=True)
class Wish:
    """What whoever installs or updates says: permissions by code, which credential fills which slot, what becomes of changes made here
    (`edits`: keep or replace), and why it may come though it is blocked softly (`override`)."""

    grants: Collection[str] = ()
    bindings: Mapping[str, str] = field(default_factory=dict)
    edits: str = ""
    override: str = ""
    update_policy: str = ""


def install_listing(*, version: ListingVersion, by: Member, wish: Wish) -> Installation:
    """Copy `version` into the workspace of `by`, in whose schema this is called.

    The grants must name every permission that the manifest asks for, by its code, and no other.
    """
    require_builder(by)
    subject = offered_subject(version)
    examined = examine(subject, wish.bindings, by=by, override=Override(wish.override))
    require_leave(by)
    codes = check_grants(examined, wish)
    return _install(examined, codes, wish, by)


def check_grants(examined: Examined, wish: Wish) -> list[str]:
    """The codes of all that it asks for, once every one is granted."""
    manifest = examined.subject.manifest
    asked = consenting.asked(manifest, examined.survey)
    codes = [each.code for each in asked]
    consenting.require(asked, wish.grants, allowed=codes, title=manifest.metadata.title)
    return codes


def require_leave(by: Member) -> None:
    if rules.needs_leave(rules.current(), by):
        raise Forbidden("An admin of this workspace has to say yes first. Ask for it.", code="needs_approval")


@transaction.atomic
def _install(examined: Examined, codes: Collection[str], wish: Wish, by: Member) -> Installation:
    subject = examined.subject
    installation = _record(subject, wish, by)
    pinning.allow_hosts(examined, by=by)
    copier = copying.copier_of(installation)
    content = copier.content(subject.manifest, examined.survey)
    copying.put_in_place(installation, copier.make(content, pinning.told_of(subject, codes), by))
    pinning.pin(installation, examined, how=Pin.How.INSTALLED, grants=codes, by=by)
    extra = {"override": examined.override} if examined.override else {}
    audit.record("listing.installed", installation, by=by, version=subject.semver, grants=sorted(codes), **extra)
    pinning.enter_in_ledger(installation, by=by, fresh=True)
    return installation


def _record(subject: Subject, wish: Wish, by: Member) -> Installation:
    """The row that the others wait for: of two at once the second finds it taken."""
    words = subject.manifest.metadata
    try:
        with transaction.atomic():
            return Installation.objects.create(
                listing_id=subject.listing_id,
                version_id=subject.version_id,
                publisher=words.namespace,
                slug=words.name,
                title=words.title,
                kind=subject.kind,
                semver=subject.semver,
                digest=subject.digest,
                manifest=subject.document,
                update_policy=UpdatePolicy(wish.update_policy or rules.current().update_policy),
                policy_by_id=by.user_id,
                by_id=by.user_id,
                by_name=by.name or by.email,
            )
    except IntegrityError as error:
        raise _installed_already(subject) from error


def _installed_already(subject: Subject) -> Conflict:
    there = access.installed().get(listing_id=subject.listing_id)
    return Conflict(
        f"{there.title} {there.semver} is installed here already, by {there.by_name} on {there.created_at:%-d %B %Y}. "
        "Use that one, or remove it first.",
        code="already_installed",
        errors=[FieldError("listing", "already_installed", str(there.pk))],
    )
