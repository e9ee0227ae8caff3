"""Keys for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tenants import audit
from tenants.access import Member, Role, require_admin
from tenants.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from tenants.models import Membership
from tenants.proving.keys import new_key
from tenants.workspace.models import ApiKey

MOST_KEYS_PER_PERSON = 20
MOST_DAYS = 365
DAYS = 90


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A new key: `secret` is to be shown now and never again."""

    row: ApiKey
    secret: str


@transaction.atomic
def create_key(*, name: str, role: Role, by: Member, days: int = DAYS) -> FreshKey:
    """Make a key that acts as `by`, at most with `role`, for `days` days (1 to 365)."""
    require_admin(by)
    _check_maker(role, by)
    name = name.strip()
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise _refused("name", "Give the key a name of 1 to 80 characters, such as where you will use it.")
    if not 1 <= days <= MOST_DAYS:
        raise _refused("days", f"A key works for 1 to {MOST_DAYS} days.")
    _check_number(by)
    secret, prefix, digest = new_key()
    row = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        digest=digest,
        role=role,
        user_id=by.user_id,
        made_by=by.email,
        expires_at=timezone.now() + timedelta(days=days),
    )
    audit.record("key.created", row, by=by, role=role, days=days)
    return FreshKey(row, secret)


@transaction.atomic
def revoke_key(*, key: ApiKey, by: Member) -> None:
    """End a key at once. One that has ended already stays as it is."""
    require_admin(by)
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        audit.record("key.revoked", key, by=by)


def _check_maker(role: Role, by: Member) -> None:
    if by.via == "api_key":
        raise Forbidden("A key makes no keys, or it would never end. Sign in with a password.", code="key_by_key")
    if not by.may(role):
        raise Forbidden(f"You are {by.role.label.lower()} here, so your key cannot be {role.label.lower()}.")


def _check_number(by: Member) -> None:
    """Lock the maker's membership first, so that two requests cannot both be the last."""
    member = Membership.objects.select_for_update().filter(user_id=by.user_id, tenant_id=by.tenant_id).first()
    if member is None:
        raise NotFound("You are not a member here any more.")
    mine = ApiKey.objects.filter(user_id=by.user_id, revoked_at=None, expires_at__gt=timezone.now())
    if mine.count() >= MOST_KEYS_PER_PERSON:
        raise Conflict(f"You have {MOST_KEYS_PER_PERSON} keys here; revoke one that you do not use.", code="too_many")


def _refused(field: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(field, "invalid", detail)])
