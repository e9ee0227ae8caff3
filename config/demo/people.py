"""What must be there before a client can knock: two accounts, the workspace Acme, our listings on the market."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from marketplace.publishing.services.builtin import publish_catalogue
from tenants.access import Role
from tenants.models import Tenant, User
from tenants.services import create_workspace

WORKSPACE = "acme"


@dataclass(frozen=True, slots=True)
class SignIn:
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class People:
    owner: SignIn
    moderator: SignIn


def prepare(earlier: dict[str, Any]) -> People:
    """Make what is missing. `earlier` is demo.json of an earlier start, whose passwords still hold."""
    people = People(
        owner=_sign_in("owner@acme.example", "owner", earlier),
        moderator=_sign_in("moderator@guildhall.example", "moderator", earlier),
    )
    owner = _account(people.owner, name="Olivia Owner", staff=False)
    moderator = _account(people.moderator, name="Morgan Moderator", staff=True)
    if not Tenant.objects.filter(slug=WORKSPACE, memberships__user=owner, memberships__role=Role.OWNER).exists():
        create_workspace(name="Acme", slug=WORKSPACE, by=owner)
    publish_catalogue(by=moderator)
    return people


def _sign_in(email: str, who: str, earlier: dict[str, Any]) -> SignIn:
    known = earlier.get("users", {}).get(who, {})
    return SignIn(email, known.get("password") or secrets.token_urlsafe(12))


def _account(wanted: SignIn, *, name: str, staff: bool) -> User:
    """The account with this password: a demo whose record was deleted gets a new one."""
    user = User.objects.filter(email=wanted.email).first()
    if user is None:
        return User.objects.create_user(wanted.email, wanted.password, name=name, is_staff=staff, is_superuser=staff)
    if not user.check_password(wanted.password):
        user.set_password(wanted.password)
        user.save(update_fields=["password"])
    return user
