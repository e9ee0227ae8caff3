"""What a person has been told, and who is to be told."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from tenants.access import RANK, Role
from tenants.models import Membership, User
from tenants.notifications.models import Kind, NoMail, Notification

MOST_COUNTED = 99


def of(user: User) -> QuerySet[Notification]:
    """Newest first. What was told about a workspace is gone for whoever belongs to it no more."""
    mine = Membership.objects.filter(user=user).values("tenant_id")
    theirs = Notification.objects.filter(user=user).filter(Q(tenant=None) | Q(tenant__in=mine))
    return theirs.select_related("tenant").order_by("-created_at", "-id")


def narrowed(
    rows: QuerySet[Notification], *, kind: str = "", unread: bool = False, workspace: str = ""
) -> QuerySet[Notification]:
    """Only of this kind, only what is not read, only about the workspace with this slug."""
    if kind:
        rows = rows.filter(kind=kind)
    if workspace:
        rows = rows.filter(tenant__slug=workspace)
    return rows.filter(read_at=None) if unread else rows


def unread(user: User) -> int:
    """How many are not read; counted no further than one above `MOST_COUNTED`."""
    return of(user).select_related(None).order_by().filter(read_at=None)[: MOST_COUNTED + 1].count()


def badge(user: User) -> str:
    """What stands at the bell: how many are not read, nothing for none, and "99+" for more than a glance takes in."""
    found = unread(user)
    return f"{MOST_COUNTED}+" if found > MOST_COUNTED else str(found or "")


def wants_mail(user: User) -> dict[Kind, bool]:
    """For every kind whether it comes by mail."""
    refused = set(NoMail.objects.filter(user=user).values_list("kind", flat=True))
    return {kind: kind.value not in refused for kind in Kind}


def people_of(tenant_id: UUID, *, role: Role = Role.ADMIN) -> QuerySet[User]:
    """Who may at least do what `role` may in this workspace, to tell them something."""
    enough = [each.value for each in Role if RANK[each] >= RANK[role]]
    return User.objects.filter(is_active=True, memberships__tenant_id=tenant_id, memberships__role__in=enough)
