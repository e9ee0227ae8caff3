"""Reading people, workspaces, keys and the log."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from tenants.models import Membership, Tenant, User
from tenants.workspace.models import ApiKey, AuditEntry


def memberships_of(user: User) -> QuerySet[Membership]:
    """The active workspaces that a person belongs to."""
    return Membership.objects.filter(user=user, tenant__status=Tenant.Status.ACTIVE).select_related("tenant")


def members_of(tenant_id: UUID) -> QuerySet[Membership]:
    return Membership.objects.filter(tenant_id=tenant_id).select_related("user")


def keys() -> QuerySet[ApiKey]:
    """The keys of the current workspace, ended ones included."""
    return ApiKey.objects.all()


def log(*, action: str | None = None) -> QuerySet[AuditEntry]:
    """What was done in the current workspace; `action` as in "member.added", or its first word."""
    entries = AuditEntry.objects.all()
    if action is None:
        return entries
    return entries.filter(action=action) | entries.filter(action__startswith=f"{action}.")
