"""From an id to a draft of this workspace."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from marketplace.drafts.models import Draft
from tenants.access import Member, require_builder
from tenants.errors import NotFound


def drafts(member: Member) -> QuerySet[Draft]:
    """Drafts that were not sent yet, the last changed one first."""
    require_builder(member)
    return Draft.objects.filter(version_id=None).order_by("-updated_at")


def get_draft(member: Member, draft_id: UUID) -> Draft:
    require_builder(member)
    return _found(Draft.objects.filter(pk=draft_id).first())


def lock(draft_id: UUID) -> Draft:
    return _found(Draft.objects.select_for_update().filter(pk=draft_id).first())


def _found(draft: Draft | None) -> Draft:
    if draft is None:
        raise NotFound("There is no such draft in this workspace.")
    return draft
