"""Who asks, and what their role allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from tenants.context import PUBLIC, enter
from tenants.errors import Forbidden, NotFound
from tenants.lookups import Lookup
from tenants.models import Invitation, Membership, Tenant, User
from tenants.workspace.models import ApiKey

Role = Membership.Role
RANK = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2, Role.OWNER: 3}
Via = Literal["session", "token", "api_key", "system"]
_memberships = Lookup(Membership.objects.filter(user__is_active=True).filter, user=UUID, tenant=UUID)


@dataclass(frozen=True, slots=True)
class Member:
    """A person at work in one workspace; `role` is already capped by the key they came with."""

    user_id: UUID
    name: str
    email: str
    tenant_id: UUID
    workspace: str
    slug: str
    schema: str
    role: Role
    via: Via = "session"
    address: str = ""
    """Where the request came from, as far as our own proxies vouch for it."""

    def may(self, role: Role) -> bool:
        return RANK[self.role] >= RANK[role]


def with_role(rows: QuerySet[Any], person: str) -> Callable[..., QuerySet[Any]]:
    """For a lookup: the rows, and with each as `role` what its `person` is in the workspace `tenant`; None for a stranger."""

    def found(*, tenant: UUID, **keys: Any) -> QuerySet[Any]:
        role = Membership.objects.filter(user=OuterRef(person), tenant=tenant).values("role")
        found_rows: QuerySet[Any] = rows.annotate(role=Subquery(role)).filter(**keys)
        return found_rows

    return found


def get_member(
    user: User,
    tenant: Tenant | None,
    *,
    via: Via = "session",
    cap: Role | None = None,
    address: str = "",
    known: str | None = None,
) -> Member:
    """Raise NotFound for a stranger: a workspace that is not theirs does not exist for them.

    `known` is the role of an active person's membership, where the statement that found the person has read it.
    """
    found = (known or _role_of(user, tenant)) if tenant else None
    if tenant is None or found is None:
        raise NotFound("There is no such workspace, or you are not a member of it.")
    if not tenant.is_active:
        raise Forbidden("This workspace is suspended. Write to the platform's operator.", code="suspended")
    role = Role(found)
    if cap is not None and RANK[cap] < RANK[role]:
        role = cap
    return Member(
        user_id=user.pk,
        name=user.get_full_name(),
        email=user.email,
        tenant_id=tenant.pk,
        workspace=tenant.name,
        slug=tenant.slug,
        schema=tenant.schema_name,
        role=role,
        via=via,
        address=address,
    )


def _role_of(user: User, tenant: Tenant) -> str | None:
    membership = _memberships.first(user.pk, tenant.pk)
    return membership.role if membership else None


def who_answers(user_id: UUID | None, tenant: Tenant | None) -> Member | None:
    """Whoever answers for what comes by itself (a schedule, a sweep, an update), as they may act now; None when they may not."""
    with enter(PUBLIC):
        user = User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
        if user is None or tenant is None:
            return None
        try:
            member = get_member(user, tenant, via="system")
            require_builder(member)
        except (NotFound, Forbidden):
            return None
    return member


def _require(member: Member, role: Role, deed: str) -> None:
    if not member.may(role):
        raise Forbidden(
            f"You are {member.role.label.lower()} here; {deed} takes the role {role.label.lower()}. Ask an admin of this workspace."
        )


def require_builder(member: Member) -> None:
    _require(member, Role.OPERATOR, "building and running")


def require_admin(member: Member) -> None:
    _require(member, Role.ADMIN, "changing members, keys and settings")


def require_owner(member: Member) -> None:
    _require(member, Role.OWNER, "changing owners")


def get_membership(member: Member, membership_id: UUID) -> Membership:
    found = Membership.objects.filter(pk=membership_id, tenant_id=member.tenant_id).select_related("user").first()
    if found is None:
        raise NotFound("There is no such member here.")
    return found


def get_key(member: Member, key_id: UUID) -> ApiKey:
    require_admin(member)
    found = ApiKey.objects.filter(pk=key_id).first()
    if found is None:
        raise NotFound("There is no such key here.")
    return found


def get_invitation(member: Member, invitation_id: UUID) -> Invitation:
    require_admin(member)
    found = Invitation.objects.filter(pk=invitation_id, tenant_id=member.tenant_id).first()
    if found is None:
        raise NotFound("There is no such invitation here.")
    return found
