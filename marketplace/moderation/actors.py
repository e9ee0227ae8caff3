"""Who did something: a person of a publisher, a person of the platform, or the platform itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from tenants.access import Member
from tenants.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """As the log of activity names them."""

    kind: Literal["system", "author", "moderator"]
    user_id: UUID | None
    name: str
    tenant_id: UUID | None = None


SYSTEM = Actor("system", None, "Guildhall")


def author(member: Member) -> Actor:
    """Somebody of a publisher's workspace."""
    return Actor("author", member.user_id, member.name or member.email, member.tenant_id)


def moderator(user: User) -> Actor:
    """Somebody of the platform."""
    return Actor("moderator", user.pk, user.get_full_name())
