"""What a person may do with links to runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from projects import access
from projects.models import Run, ShareLink
from projects.sharing.tokens import new_token
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, FieldError, Invalid

DAYS = 30
MOST_DAYS = 365
MOST_LINKS = 20


@dataclass(frozen=True, slots=True)
class FreshLink:
    """A new link: `token` is to be shown now and never again."""

    row: ShareLink
    token: str


@transaction.atomic
def share_run(*, run: Run, by: Member, days: int = DAYS, shows_inputs: bool = False) -> FreshLink:
    """Make a link with which anybody may read this run, without its inputs unless they are wanted, for 1 to 365 days."""
    require_builder(by)
    if not 1 <= days <= MOST_DAYS:
        detail = f"A link works for 1 to {MOST_DAYS} days."
        raise Invalid(detail, errors=[FieldError("days", "range", detail)])
    run = access.lock(run)
    now = timezone.now()
    if run.share_links.filter(revoked_at=None, expires_at__gt=now).count() >= MOST_LINKS:
        raise Conflict(f"This run has {MOST_LINKS} links; take one back first.", code="too_many")
    token = new_token(by.tenant_id)
    link = ShareLink.objects.create(
        run=run,
        digest=token.digest,
        shows_inputs=shows_inputs,
        expires_at=now + timedelta(days=days),
        made_by_id=by.user_id,
        made_by=by.name,
    )
    audit.record("run.shared", run, by=by, link=str(link.pk), days=days, shows_inputs=shows_inputs)
    return FreshLink(link, token.text)


@transaction.atomic
def revoke_link(*, link: ShareLink, by: Member) -> None:
    """Take a link back at once. One that has ended already stays as it is."""
    require_builder(by)
    if ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by.name):
        audit.record("run.unshared", link.run, by=by, link=str(link.pk))
