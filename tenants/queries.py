"""Reading people, workspaces, keys and the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from tenants.models import Invitation, Membership, Tenant, User
from tenants.workspace.models import ApiKey, AuditEntry

LOOKED_AT = 2_000  # entries, for the choice of kinds
KEPT = timedelta(days=30)  # that an invitation which has run out is shown among those that wait


def memberships_of(user: User) -> QuerySet[Membership]:
    """The active workspaces that a person belongs to."""
    return Membership.objects.filter(user=user, tenant__status=Tenant.Status.ACTIVE).select_related("tenant")


def members_of(tenant_id: UUID) -> QuerySet[Membership]:
    return Membership.objects.filter(tenant_id=tenant_id).select_related("user")


def invitations_to(tenant_id: UUID) -> QuerySet[Invitation]:
    """All of them, ended ones included."""
    return Invitation.objects.filter(tenant_id=tenant_id)


def pending_invitations_to(tenant_id: UUID) -> QuerySet[Invitation]:
    """Those that wait for somebody, newest first; also those that have waited too long, for 30 days more."""
    waiting = invitations_to(tenant_id).filter(revoked_at=None, used__lt=F("seats"))
    return waiting.filter(expires_at__gt=timezone.now() - KEPT).order_by("-created_at", "-id")


def keys() -> QuerySet[ApiKey]:
    """The keys of the current workspace, ended ones included."""
    return ApiKey.objects.all()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of the log: `action` as in "member.added", or its first word; days in UTC, both ends included."""

    action: str = ""
    by: UUID | None = None
    own: bool = False
    """What the platform did by itself."""
    first: date | None = None
    last: date | None = None


EVERYTHING = Wanted()


def log(wanted: Wanted = EVERYTHING) -> QuerySet[AuditEntry]:
    """What was done in the current workspace."""
    entries = AuditEntry.objects.all()
    if wanted.action:
        entries = entries.filter(Q(action=wanted.action) | Q(action__startswith=f"{wanted.action}."))
    if wanted.by:
        entries = entries.filter(by_id=wanted.by)
    if wanted.own:
        entries = entries.filter(by_id=None)
    if wanted.first:
        entries = entries.filter(created_at__gte=_midnight(wanted.first))
    if wanted.last:
        entries = entries.filter(created_at__lt=_midnight(wanted.last + timedelta(days=1)))
    return entries


def newest_first(entries: QuerySet[AuditEntry], *, before: UUID | None = None) -> QuerySet[AuditEntry]:
    """Entries older than the entry `before`, whichever those are that were added meanwhile."""
    found = entries.order_by("-created_at", "-id")
    last = AuditEntry.objects.filter(pk=before).values_list("created_at", flat=True).first() if before else None
    if last is None:
        return found
    return found.filter(Q(created_at__lt=last) | Q(created_at=last, pk__lt=before), created_at__lte=last)


def kinds_of_deeds() -> list[str]:
    """The first words of the newest actions, in their order."""
    newest = AuditEntry.objects.order_by("-created_at", "-id").values_list("action", flat=True)[:LOOKED_AT]
    return sorted({action.partition(".")[0] for action in newest})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
