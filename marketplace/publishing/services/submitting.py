"""Sending a version in, correcting it, answering what was asked, taking it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.manifest.canonical import as_document, canonical, digest
from marketplace.manifest.comparing import compare, proposed_version
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json
from marketplace.manifest.text import semver_key
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation import transitions
from marketplace.moderation.actors import author
from marketplace.publishing import publishers
from marketplace.publishing.background import enqueue_submission
from marketplace.publishing.market import words_of
from tenants import audit
from tenants.access import Member, require_admin
from tenants.errors import Conflict, FieldError, Invalid, WrongState

States = ListingVersion.ReviewState
UNDER_WAY = (States.SUBMITTED, States.CHECKING, States.IN_REVIEW, States.APPROVED)
LONGEST_TEXT = 4_000


@transaction.atomic
def submit(*, manifest: Manifest, visibility: str, by: Member) -> ListingVersion:
    """Send a version in: it is checked and evaluated in the background. Call it in the workspace's own schema.

    A version that was sent back may come again under its number. Raises Conflict for a number that is taken or too low, and
    while another version of the same listing is under way.
    """
    require_admin(by)
    publisher = _publisher(manifest, visibility, by)
    listing = _listing(publisher, manifest, visibility)
    _check_kept(listing, manifest)
    _check_number(listing, manifest)
    version = _entered(listing, manifest, visibility, by)
    transitions.move(
        version.pk, to=States.SUBMITTED, expected={States.DRAFT, States.CHANGES_REQUESTED}, by=author(by),
        reason="Corrected and sent again." if version.submitted_at else "",
    )  # fmt: skip
    audit.record("version.submitted", version, by=by, visibility=visibility, digest=version.digest)
    enqueue_submission(version.pk)
    version.refresh_from_db()
    return version


def _publisher(manifest: Manifest, visibility: str, by: Member) -> Publisher:
    publisher = publishers.ensure_publisher(by)
    publisher = Publisher.objects.select_for_update(no_key=True).get(pk=publisher.pk)
    publishers.check_leave(publisher, visibility=visibility, by=by)
    if manifest.metadata.namespace != publisher.namespace:
        detail = f"This workspace publishes as {publisher.namespace}, not as {manifest.metadata.namespace}."
        raise Invalid(detail, code="namespace", errors=[FieldError("metadata.namespace", "namespace", detail)])
    return publisher


def _listing(publisher: Publisher, manifest: Manifest, visibility: str) -> Listing:
    """The listing of this manifest, locked, made if it is new."""
    made, is_new = Listing.objects.get_or_create(
        publisher=publisher,
        slug=manifest.metadata.name,
        defaults={"kind": manifest.kind.lower(), "visibility": visibility, **words_of(manifest)},
    )
    listing = transitions.lock_listing(made.pk)
    if is_new:
        _note_origin(listing, manifest)
    return listing


def _note_origin(listing: Listing, manifest: Manifest) -> None:
    """What it was made from, if that version is known here."""
    told = manifest.metadata.forked_from
    if told is None:
        return
    namespace, _, rest = told.ref.partition("/")
    slug, _, semver = rest.partition("@")
    listing.forked_from = ListingVersion.objects.filter(
        listing__publisher__namespace=namespace, listing__slug=slug, semver=semver, digest=told.digest
    ).first()
    listing.forked_from_digest = told.digest
    listing.save(update_fields=["forked_from", "forked_from_digest", "updated_at"])


def _check_kept(listing: Listing, manifest: Manifest) -> None:
    if listing.retired_at is not None:
        raise WrongState(
            f"{listing.title} was retired; its address is not used again. Choose another name.", code="retired"
        )
    if listing.kind != manifest.kind.lower():
        detail = f"{listing.ref} is a listing of the kind {listing.get_kind_display().lower()}; that never changes. Choose another name."
        raise Invalid(detail, code="kind", errors=[FieldError("kind", "fixed", detail)])
    other = listing.versions.filter(review_state__in=UNDER_WAY).first()
    if other is not None:
        raise Conflict(
            f"Version {other.semver} of {listing.title} is {other.get_review_state_display().lower()}. Wait for it, or withdraw it first.",
            code="under_way",
        )


def _check_number(listing: Listing, manifest: Manifest) -> None:
    """A number says how much changed since the version that people have."""
    live = listing.current_version
    if live is None or listing.published_at is None:
        return
    now, number = read_json(live.manifest), manifest.metadata.version
    difference = compare(now, manifest)
    if difference.is_empty:
        raise Conflict(f"Nothing differs from {live.semver}, which is on the market.", code="nothing_new")
    least = proposed_version(live.semver, difference)
    if semver_key(number) < semver_key(least):
        detail = f"Since {live.semver} the change is {difference.level}: {difference.reasons[0]} Use {least} or higher."
        raise Invalid(detail, code="version_too_low", errors=[FieldError("metadata.version", "too_low", detail)])


def _entered(listing: Listing, manifest: Manifest, visibility: str, by: Member) -> ListingVersion:
    """A new row, or the one that was sent back under this number. Others that were sent back are withdrawn: this one comes instead."""
    content: dict[str, Any] = {
        "manifest": as_document(manifest),
        "digest": digest(manifest),
        "size": len(canonical(manifest)),
        "changelog": manifest.metadata.changelog,
        "risk": manifest.risk,
        "visibility": visibility,
        "submitted_by_id": by.user_id,
    }
    number = manifest.metadata.version
    for returned in listing.versions.filter(review_state=States.CHANGES_REQUESTED).exclude(semver=number):
        _withdrawn(returned.pk, by, f"Version {number} comes instead.")
    known = listing.versions.select_for_update(no_key=True).filter(semver=number).first()
    if known is not None:
        return _corrected(known, content)
    try:
        with transaction.atomic():
            return ListingVersion.objects.create(listing=listing, semver=number, **content)
    except IntegrityError:
        raise _taken(listing, number) from None


def _corrected(version: ListingVersion, content: dict[str, Any]) -> ListingVersion:
    if version.review_state != States.CHANGES_REQUESTED:
        raise _taken(version.listing, version.semver)
    for name, value in content.items():
        setattr(version, name, value)
    version.save(update_fields=[*content, "updated_at"])
    return version


def _taken(listing: Listing, number: str) -> Conflict:
    detail = f"{listing.title} has a version {number} already; what was sent in never changes. Use a higher number."
    return Conflict(detail, code="version_taken", errors=[FieldError("metadata.version", "taken", detail)])


@transaction.atomic
def answer(*, version: ListingVersion, text: str, by: Member) -> ListingVersion:
    """Answer what a reviewer asked, with the content as it is: the version goes back to where it is read."""
    require_admin(by)
    said = _said(text)
    publisher = Publisher.objects.select_for_update(no_key=True).get(pk=version.listing.publisher_id)
    publishers.check_leave(publisher, visibility=version.visibility, by=by)
    moved = transitions.move(
        version.pk, to=States.SUBMITTED, expected={States.CHANGES_REQUESTED}, by=author(by), reason=said
    )
    audit.record("version.answered", moved, by=by)
    enqueue_submission(moved.pk)
    return moved


@transaction.atomic
def withdraw(*, version: ListingVersion, by: Member) -> ListingVersion:
    """Take back a version that is not published yet. Its number is used up."""
    require_admin(by)
    return _withdrawn(version.pk, by, "Taken back by its publisher.")


def _withdrawn(version_id: UUID, by: Member, why: str) -> ListingVersion:
    open_states = {States.SUBMITTED, States.CHECKING, States.CHANGES_REQUESTED, States.IN_REVIEW, States.APPROVED}
    moved = transitions.move(version_id, to=States.WITHDRAWN, expected=open_states, by=author(by), reason=why)
    audit.record("version.withdrawn", moved, by=by)
    return moved


def _said(text: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_TEXT or "\x00" in text:
        detail = f"Write 1 to {LONGEST_TEXT:,} characters."
        raise Invalid(detail, errors=[FieldError("text", "length", detail)])
    return text
