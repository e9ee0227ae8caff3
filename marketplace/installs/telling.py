"""What people are told about installations."""

from __future__ import annotations

from collections.abc import Iterable

from marketplace.installs.models import Approval, Installation
from marketplace.models import ListingVersion
from tenants.access import Member, Role
from tenants.addresses import workspace_reverse
from tenants.models import Membership, Tenant, User
from tenants.notifications.models import Kind
from tenants.notifications.services import notify


def tell_admins(approval: Approval, by: Member) -> None:
    tenant = Tenant.objects.get(pk=by.tenant_id)
    notify(
        users=_people(tenant, Role.ADMIN, Role.OWNER),
        kind=Kind.INSTALLATION,
        title=f"{approval.asked_by} asks for {approval.title} {approval.semver}",
        text=f"{approval.asked_by} wants to install {approval.ref} {approval.semver} in {tenant.name}. An admin has to say yes first.",
        url=workspace_reverse(tenant.slug, "installs:approvals"),
        tenant=tenant,
        key=f"approval:{approval.pk}",
    )


def tell_asker(approval: Approval, by: Member) -> None:
    """Say what an admin decided to whoever asked, if they are still here."""
    tenant = Tenant.objects.get(pk=by.tenant_id)
    said = f" {approval.answer}" if approval.answer else ""
    notify(
        users=User.objects.filter(pk=approval.asked_by_id),
        kind=Kind.INSTALLATION,
        title=f"{approval.title} {approval.semver}: {approval.get_state_display().lower()}",
        text=f"{approval.decided_by} has {approval.get_state_display().lower()} {approval.title} {approval.semver}.{said}",
        url=workspace_reverse(tenant.slug, "installs:approvals"),
        tenant=tenant,
        key=f"approval:{approval.pk}:{approval.state}",
    )


def tell_of_update(installation: Installation, version: ListingVersion, note: str, tenant: Tenant) -> None:
    """Once per version: admins, and whoever installed it."""
    notify(
        users=[*_people(tenant, Role.ADMIN, Role.OWNER), *User.objects.filter(pk=installation.by_id)],
        kind=Kind.UPDATE_AVAILABLE,
        title=f"{installation.title} {version.semver} is available",
        text=f"{installation.title} {installation.semver} is installed in {tenant.name}. {note}".strip(),
        url=workspace_reverse(tenant.slug, "installs:installation", installation.pk),
        tenant=tenant,
        key=f"installation:{installation.pk}:{version.pk}",
    )


def _people(tenant: Tenant, *roles: Role) -> Iterable[User]:
    members = Membership.objects.filter(tenant=tenant, role__in=roles, user__is_active=True)
    return [membership.user for membership in members.select_related("user")]
