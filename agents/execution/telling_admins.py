"""Telling the admins of a workspace that something from the market tried what it may not."""

from __future__ import annotations

from uuid import UUID

from agents.tools.permissions import Trespass
from projects.models import Run
from tenants.addresses import workspace_reverse
from tenants.models import Membership, Tenant, User
from tenants.notifications.services import notify

ADMINS = (Membership.Role.OWNER, Membership.Role.ADMIN)


def tell_admins(run_id: UUID, trespass: Trespass, tenant: Tenant) -> None:
    """Once for each run, inside the transaction that stores the attempt."""
    title = Run.objects.values_list("title", flat=True).get(pk=run_id)
    notify(
        users=User.objects.filter(memberships__tenant=tenant, memberships__role__in=ADMINS),
        kind="violation",
        title=f"“{title}” tried what it was not allowed to",
        text=f"{trespass.tried} It was stopped there, and nothing left the workspace.",
        url=workspace_reverse(tenant.slug, "projects:run", run_id),
        tenant=tenant,
        key=f"violation:{run_id}",
    )
