"""Asking an admin, where the workspace wants that, and what the admin says."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.installs import access, rules, telling
from marketplace.installs.examining import Examined, Override, examine, offered_subject
from marketplace.installs.finding import find_version
from marketplace.installs.models import Approval, Installation
from marketplace.installs.services import installing, updating
from marketplace.installs.services.installing import Wish, check_grants
from marketplace.models import ListingVersion
from tenants import audit
from tenants.access import Member, require_admin, require_builder
from tenants.errors import Conflict, FieldError, Forbidden, Stale

LONGEST_ANSWER = 400


def request_installation(*, version: ListingVersion, by: Member, wish: Wish) -> Installation | Approval:
    """Install it; where an admin has to say yes first, ask for that."""
    if not rules.needs_leave(rules.current(), by):
        return installing.install_listing(version=version, by=by, wish=wish)
    require_builder(by)
    examined = examine(offered_subject(version), wish.bindings, by=by, override=Override())
    check_grants(examined, wish)
    installed = access.installed().filter(listing_id=version.listing_id).first()
    if installed is not None:
        raise Conflict(f"{installed.title} {installed.semver} is installed here already.", code="already_installed")
    return _ask(examined, wish, by)


def request_update(
    *, installation: Installation, version: ListingVersion, by: Member, wish: Wish, expected: int | None = None
) -> Installation | Approval:
    """Update it; where an admin has to say yes first, ask for that."""
    if not rules.needs_leave(rules.current(), by):
        return updating.update_installation(
            installation=installation, version=version, by=by, wish=wish, expected=expected
        )
    require_builder(by)
    examined = examine(offered_subject(version), wish.bindings, by=by, override=Override())
    return _ask(examined, wish, by, installation)


@transaction.atomic
def approve(*, approval: Approval, by: Member) -> Installation:
    """Carry out what was asked for, in the admin's name; the content must still be what it was when it was asked for."""
    require_admin(by)
    approval = access.lock_approval(approval.pk)
    approval.move_to(Approval.State.APPROVED)
    version = find_version(approval.ref, approval.semver, by=by)
    if version.digest != approval.digest:
        raise Stale(f"{approval.title} {approval.semver} is not what was asked for any more. Look at it again.")
    wish = Wish(grants=approval.grants, bindings=approval.bindings, edits=approval.edits)
    if approval.installation is None:
        installation = installing.install_listing(version=version, by=by, wish=wish)
    else:
        installation = updating.update_installation(
            installation=approval.installation, version=version, by=by, wish=wish
        )
    approval.installation = installation
    _decided(approval, by, "")
    return installation


@transaction.atomic
def refuse_request(*, approval: Approval, answer: str, by: Member) -> Approval:
    require_admin(by)
    approval = access.lock_approval(approval.pk)
    approval.move_to(Approval.State.REFUSED)
    _decided(approval, by, answer)
    return approval


@transaction.atomic
def withdraw(*, approval: Approval, by: Member) -> Approval:
    """Take back one's own request."""
    approval = access.lock_approval(approval.pk)
    if approval.asked_by_id != by.user_id:
        raise Forbidden("Only who asked can take a request back; an admin refuses it.")
    approval.move_to(Approval.State.WITHDRAWN)
    approval.decided_by, approval.decided_at = by.name or by.email, timezone.now()
    approval.save()
    audit.record("listing.request_withdrawn", approval, by=by)
    return approval


@transaction.atomic
def _ask(examined: Examined, wish: Wish, by: Member, installation: Installation | None = None) -> Approval:
    subject = examined.subject
    words = subject.manifest.metadata
    asked = Approval(
        listing_id=subject.listing_id,
        version_id=subject.version_id,
        ref=f"{words.namespace}/{words.name}",
        title=words.title,
        kind=subject.kind,
        semver=subject.semver,
        digest=subject.digest,
        installation=installation,
        grants=sorted(wish.grants),
        bindings=dict(wish.bindings),
        edits=wish.edits,
        asked_by_id=by.user_id,
        asked_by=by.name or by.email,
    )
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError as error:
        raise _asked_already(asked) from error
    audit.record("listing.requested", asked, by=by, version=subject.semver)
    telling.tell_admins(asked, by)
    return asked


def _asked_already(wanted: Approval) -> Conflict:
    there = Approval.objects.get(listing_id=wanted.listing_id, state=Approval.State.PENDING)
    return Conflict(
        f"{there.asked_by} has asked for {there.title} {there.semver} already; an admin decides.",
        code="already_asked",
        errors=[FieldError("listing", "already_asked", str(there.pk))],
    )


def _decided(approval: Approval, by: Member, answer: str) -> None:
    approval.decided_by, approval.decided_at = by.name or by.email, timezone.now()
    approval.answer = answer[:LONGEST_ANSWER]
    approval.save()
    audit.record(f"listing.request_{approval.state}", approval, by=by, answer=approval.answer)
    telling.tell_asker(approval, by)
