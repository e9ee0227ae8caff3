"""Inviting people who need not have an account yet, and taking an invitation up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from tenants import audit
from tenants.access import Member, Role, get_member, require_admin
from tenants.context import PUBLIC, enter
from tenants.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, WrongState
from tenants.models import Invitation, Membership, Tenant, User
from tenants.proving.derived import new_nonce, secret_from
from tenants.proving.keys import digest_of
from tenants.services.members import require_rank

DAYS, MOST_DAYS = 7, 30
MOST_OPEN = 200
ENDED = "This invitation is not good: it was used, withdrawn, has expired, or its address was not copied whole."


@dataclass(frozen=True, slots=True)
class FreshInvitation:
    """An invitation with its secret, which is handed over now and never again where its `mail` is none."""

    row: Invitation
    secret: str


def open_invitations() -> QuerySet[Invitation]:
    """Those that can still be taken up, of all workspaces."""
    return Invitation.objects.filter(revoked_at=None, expires_at__gt=timezone.now(), used__lt=F("seats"))


@transaction.atomic
def invite(
    *, role: Role, by: Member, email: str = "", days: int = DAYS, seats: int = 1, home: str = ""
) -> FreshInvitation:
    """Offer a role in the workspace of `by`: to one address, or without one to whoever has the link, `seats` times.

    Where the platform sends mail, one to the address is due with the commit; `home` is where its link leads without PUBLIC_URL.
    """
    require_admin(by)
    require_rank(by, role)
    email = email.strip().lower()
    _check(email, role, days, seats)
    _check_number(by)
    if email:
        _check_address(email, by)
    row = Invitation(
        tenant_id=by.tenant_id,
        role=role,
        email=email,
        seats=seats,
        home=home,
        made_by_id=by.user_id,
        made_by=by.name or by.email,
        expires_at=timezone.now() + timedelta(days=days),
    )
    fresh = _with_secret(row, by_mail=bool(email))
    row.save(force_insert=True)
    audit.record("invitation.made", row, by=by, role=role, days=days, seats=seats)
    return fresh


@transaction.atomic
def renew_invitation(*, invitation: Invitation, by: Member, days: int = DAYS, home: str = "") -> FreshInvitation:
    """Give it another secret and time; the one that was handed out before works no more. One whose mail could not be sent gets a link."""
    require_admin(by)
    row = Invitation.objects.select_for_update().get(pk=invitation.pk)
    require_rank(by, Role(row.role))
    if row.state not in {"pending", "expired"}:
        raise WrongState(f"This invitation is {row.state}; make another one.")
    fresh = _with_secret(row, by_mail=bool(row.email) and row.mail != Invitation.Mail.FAILED)
    row.expires_at, row.home = timezone.now() + timedelta(days=days), home
    row.made_by_id, row.made_by = by.user_id, by.name or by.email
    row.save()
    audit.record("invitation.renewed", row, by=by, days=days)
    return fresh


def _with_secret(row: Invitation, *, by_mail: bool) -> FreshInvitation:
    """A new secret, in memory: to be mailed by a worker, or to be handed over now."""
    row.nonce = new_nonce()
    secret = secret_from(row.pk, row.nonce)
    row.digest, row.mail_tries = digest_of(secret), 0
    is_mailed = by_mail and settings.SENDS_MAIL
    row.mail = Invitation.Mail.WAITING if is_mailed else Invitation.Mail.NONE
    row.mail_due_at = timezone.now() if is_mailed else None
    return FreshInvitation(row, secret)


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: Member) -> None:
    """Withdraw it at once; whoever came in by it stays. One that has ended already stays as it is."""
    require_admin(by)
    require_rank(by, Role(invitation.role))
    if open_invitations().filter(pk=invitation.pk).update(revoked_at=timezone.now()):
        audit.record("invitation.revoked", invitation, by=by)


def find_invitation(digest: str) -> Invitation:
    """The open invitation whose secret has this digest. Raises NotFound, in one form of words whatever is wrong with it."""
    found = open_invitations().filter(digest=digest).select_related("tenant").first()
    if found is None or not is_good(found):
        raise NotFound(ENDED)
    return found


def is_good(invitation: Invitation) -> bool:
    """Whether an open invitation can be taken up."""
    return invitation.tenant.is_active and _maker_may_still(invitation)


def _maker_may_still(invitation: Invitation) -> bool:
    """Whoever answers for it belongs to the workspace and could make it today."""
    need = {Role.OWNER} if invitation.role == Role.OWNER else {Role.OWNER, Role.ADMIN}
    makers = Membership.objects.filter(user_id=invitation.made_by_id, user__is_active=True, role__in=need)
    return bool(makers.filter(tenant_id=invitation.tenant_id).exists())


def accept_invitation(*, digest: str, user: User, address: str = "") -> Membership:
    """Make `user` a member. Who is one already stays as they are, and takes no seat."""
    with enter(PUBLIC):
        return _accept(digest, user, address)


@transaction.atomic
def _accept(digest: str, user: User, address: str) -> Membership:
    """Lock the invitation first, so that two people cannot both take the last seat."""
    Invitation.objects.select_for_update().filter(digest=digest).first()
    invitation = find_invitation(digest)
    if not is_for(invitation, user):
        raise Forbidden("This invitation is for another address than yours.", code="other_address")
    try:
        with transaction.atomic():
            made = Membership.objects.create(user=user, tenant_id=invitation.tenant_id, role=invitation.role)
    except IntegrityError:
        return Membership.objects.select_related("tenant").get(user=user, tenant_id=invitation.tenant_id)
    Invitation.objects.filter(pk=invitation.pk).update(used=F("used") + 1)
    member = get_member(user, invitation.tenant, address=address)
    with enter(member.schema):
        audit.record(
            "member.joined",
            user,
            by=member,
            role=invitation.role,
            invitation=str(invitation.pk),
            invited_by=invitation.made_by,
        )
    return made


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether somebody may take it up: a link is for everybody, any other for who has its address."""
    if invitation.email in {"", user.email}:
        return True
    return bool(EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists())


def _check(email: str, role: Role, days: int, seats: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise _refused("days", f"An invitation is good for 1 to {MOST_DAYS} days.")
    if not 1 <= seats <= Invitation.MOST_SEATS:
        raise _refused("seats", f"A link is good for 1 to {Invitation.MOST_SEATS} people.")
    if email and seats != 1:
        raise _refused("seats", "An invitation to an address is for one person.")
    if not email and role not in {Role.OPERATOR, Role.VIEWER}:
        raise _refused(
            "role", "A link can go from hand to hand, so it makes operators and viewers only. Invite by address."
        )


def _check_number(by: Member) -> None:
    """Lock the workspace first, so that two requests cannot both be the last."""
    Tenant.objects.select_for_update().get(pk=by.tenant_id)
    if open_invitations().filter(tenant_id=by.tenant_id).count() >= MOST_OPEN:
        raise Conflict(f"{MOST_OPEN} invitations are open here; withdraw one that is not needed.", code="too_many")


def _check_address(email: str, by: Member) -> None:
    if Membership.objects.filter(tenant_id=by.tenant_id, user__email=email).exists():
        raise Conflict(f"{email} is a member already; change their role instead.", code="already_member")
    if open_invitations().filter(tenant_id=by.tenant_id, email=email).exists():
        raise Conflict(f"{email} is invited already; send the invitation again instead.", code="already_invited")


def _refused(field: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(field, "invalid", detail)])
