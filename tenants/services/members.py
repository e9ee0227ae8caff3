"""Who belongs to a workspace, and as what."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import audit
from tenants.access import Member, Role, require_admin, require_owner
from tenants.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, WrongState
from tenants.models import Invitation, Membership, User
from tenants.workspace.models import ApiKey


@transaction.atomic
def add_member(*, email: str, role: Role, by: Member) -> Membership:
    """Give a person who has an account here a role in the workspace of `by`."""
    require_admin(by)
    require_rank(by, role)
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        detail = "Nobody has signed up here with this address yet; ask them to sign up first."
        raise Invalid(detail, errors=[FieldError("email", "unknown", detail)])
    try:
        with transaction.atomic():
            membership = Membership.objects.create(user=user, tenant_id=by.tenant_id, role=role)
    except IntegrityError:
        raise Conflict(f"{user.email} is a member already; change their role instead.", code="already_member") from None
    audit.record("member.added", user, by=by, role=role)
    return membership


@transaction.atomic
def change_role(*, membership_id: UUID, role: Role, by: Member) -> Membership:
    require_admin(by)
    membership = _locked(membership_id, by)
    require_rank(by, role)
    require_rank(by, Role(membership.role))
    _keep_an_owner(membership, role)
    membership.role = role
    membership.save(update_fields=["role", "updated_at"])
    if role not in {Role.ADMIN, Role.OWNER}:
        _withdraw_invitations(membership)
    audit.record("member.role_changed", membership.user, by=by, role=role)
    return membership


@transaction.atomic
def remove_member(*, membership_id: UUID, by: Member) -> None:
    membership = _locked(membership_id, by)
    if membership.user_id != by.user_id or by.via == "api_key":  # a key does not leave for its maker
        require_admin(by)
        require_rank(by, Role(membership.role))
    _keep_an_owner(membership, None)
    audit.record("member.removed", membership.user, by=by)
    ApiKey.objects.filter(user_id=membership.user_id, revoked_at=None).update(revoked_at=timezone.now())
    _withdraw_invitations(membership)
    membership.delete()


def require_rank(by: Member, role: Role) -> None:
    """Owners are named and changed by owners, in person: what a key makes would outlive the key."""
    if role == Role.OWNER and by.via == "api_key":
        raise Forbidden("An API key cannot name or change owners; sign in to do that.")
    if role == Role.OWNER:
        require_owner(by)


def _withdraw_invitations(membership: Membership) -> None:
    """Nobody comes in on the word of somebody who may not invite any more."""
    mine = Invitation.objects.filter(tenant_id=membership.tenant_id, made_by_id=membership.user_id, revoked_at=None)
    mine.update(revoked_at=timezone.now())


def _locked(membership_id: UUID, by: Member) -> Membership:
    """Lock all memberships of the workspace, so that two owners cannot leave at the same moment."""
    found = [
        m
        for m in Membership.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(tenant_id=by.tenant_id)
        if m.pk == membership_id
    ]
    if not found:
        raise NotFound("There is no such member here.")
    return found[0]


def _keep_an_owner(membership: Membership, role: Role | None) -> None:
    if membership.role != Role.OWNER or role == Role.OWNER:
        return
    others = Membership.objects.filter(tenant_id=membership.tenant_id, role=Role.OWNER).exclude(pk=membership.pk)
    if not others.exists():
        raise WrongState("A workspace keeps at least one owner; make somebody else owner first.", code="last_owner")
