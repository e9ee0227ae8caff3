"""What a person may do with a draft: begin, save task by task, send, throw away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from agents.documents import ManifestError
from marketplace.drafts import access
from marketplace.drafts.composing import Composed, compose
from marketplace.drafts.models import Draft
from marketplace.drafts.sources import source_of
from marketplace.manifest.envelope import Manifest
from marketplace.models import Listing, ListingVersion
from marketplace.publishing import services as publishing
from marketplace.publishing.manifests import refused
from tenants import audit
from tenants.access import Member, require_admin, require_builder
from tenants.errors import NotFound, WrongState

MOST_WORDS = 160


@transaction.atomic
def begin_draft(*, kind: str, source_id: UUID, by: Member) -> Draft:
    """Begin with what is to be published; its name and description are the first words."""
    require_builder(by)
    source = source_of(by, kind, source_id)
    summary = " ".join(source.summary.split())[:MOST_WORDS]
    metadata = {"title": source.name[:120], "name": slugify(source.name)[:50].strip("-"), "summary": summary}
    draft = Draft.objects.create(
        kind=source.kind,
        source_id=source.pk,
        source_name=source.name[:160],
        about={"metadata": {**metadata, "description": source.summary}},
        by_id=by.user_id,
        by_name=by.name or by.email,
    )
    audit.record("draft.begun", draft, by=by)
    return draft


@transaction.atomic
def begin_update(*, listing: Listing, by: Member) -> Draft | None:
    """The next version of an own listing, with what was said last; None where no draft of it is left to start from."""
    require_builder(by)
    before = Draft.objects.filter(listing_id=listing.pk).order_by("-sent_at").first()
    if before is None:
        return None
    about = {**before.about, "metadata": {**before.about.get("metadata", {})}}
    about["metadata"].pop("version", None)
    about["metadata"].pop("changelog", None)
    draft = Draft.objects.create(
        kind=before.kind,
        source_id=before.source_id,
        source_name=before.source_name,
        listing_id=listing.pk,
        about=about,
        visibility=listing.visibility,
        saved=["what", "text", "inputs", "permissions"],
        by_id=by.user_id,
        by_name=by.name or by.email,
    )
    audit.record("draft.begun", draft, by=by, listing=str(listing.pk))
    return draft


@transaction.atomic
def reopen_draft(*, version: ListingVersion, by: Member) -> Draft:
    """The draft of a version that was sent back, to be mended and sent again. Raises NotFound for one that was sent by program."""
    require_builder(by)
    if version.review_state != ListingVersion.ReviewState.CHANGES_REQUESTED:
        raise WrongState("Only a version that was sent back is corrected; anything else gets a new number.")
    open_one = Draft.objects.filter(listing_id=version.listing_id, version_id=None).order_by("-updated_at").first()
    before = open_one or Draft.objects.select_for_update().filter(version_id=version.pk).first()
    if before is None:
        raise NotFound(
            "No draft of this version is kept here: it was sent by a program. Send its correction the same way."
        )
    before.version_id, before.sent_at = None, None
    before.save(update_fields=["version_id", "sent_at", "updated_at"])
    audit.record("draft.reopened", before, by=by, version=str(version.pk))
    return before


@transaction.atomic
def save_draft(*, draft: Draft, task: str, about: Mapping[str, Any], by: Member) -> Draft:
    """Save what one task says; sections that it does not name stay as they are."""
    require_builder(by)
    draft = _unsent(draft)
    merged = dict(draft.about)
    for section, value in about.items():
        merged[section] = {**merged.get(section, {}), **value} if section == "metadata" else value
    draft.about = merged
    draft.saved = list(dict.fromkeys([*draft.saved, task]))
    draft.save(update_fields=["about", "saved", "updated_at"])
    return draft


@transaction.atomic
def choose_source(*, draft: Draft, kind: str, source_id: UUID, by: Member) -> Draft:
    """Publish something else under the same words."""
    require_builder(by)
    source = source_of(by, kind, source_id)
    draft = _unsent(draft)
    draft.kind, draft.source_id, draft.source_name = source.kind, source.pk, source.name[:160]
    draft.save(update_fields=["kind", "source_id", "source_name", "updated_at"])
    return draft


@transaction.atomic
def send_draft(*, draft: Draft, version: str, notes: str, visibility: str, by: Member) -> ListingVersion:
    """Take the snapshot and send it in. Raises Invalid with every fault that is left."""
    require_admin(by)
    draft = _unsent(draft)
    metadata = {**draft.about.get("metadata", {}), "version": version, "changelog": notes}
    draft.about = {**draft.about, "metadata": metadata}
    sent = publishing.submit(manifest=whole(compose(draft, by)), visibility=visibility, by=by)
    draft.visibility, draft.listing_id, draft.version_id, draft.sent_at = (
        visibility,
        sent.listing_id,
        sent.pk,
        timezone.now(),
    )
    draft.save()
    return sent


def whole(found: Composed) -> Manifest:
    """The manifest of what was composed. Raises Invalid where something is missing."""
    if found.manifest is None:
        raise refused(ManifestError(*found.problems))
    return found.manifest


@transaction.atomic
def delete_draft(*, draft: Draft, by: Member) -> None:
    """Throw a draft away. What was sent stays sent."""
    require_builder(by)
    draft = access.lock(draft.pk)
    audit.record("draft.deleted", draft, by=by)
    draft.delete()


def _unsent(draft: Draft) -> Draft:
    locked = access.lock(draft.pk)
    if locked.version_id is not None:
        raise WrongState("This draft was sent already. Begin an update for the next version.", code="sent")
    return locked
