"""Who may do what in the console. Roles are Django's groups, made by a migration; a superuser has both."""

from __future__ import annotations

from typing import Any

from tenants.errors import Forbidden
from tenants.models import User

MODERATOR, SENIOR = "moderator", "senior moderator"
MODERATE, CONFIRM = "console.moderate", "console.confirm"


def is_moderator(user: Any) -> bool:
    """Whether the console exists for `user`, who may be nobody."""
    return isinstance(user, User) and user.is_active and user.is_staff and user.has_perm(MODERATE)


def is_senior(user: Any) -> bool:
    """Whether `user` may be the second person, ban, and close accounts and workspaces."""
    return is_moderator(user) and bool(user.has_perm(CONFIRM))


def require_senior(user: User) -> None:
    if not is_senior(user):
        raise Forbidden("Only a senior moderator may do this. Leave a note on the whiteboard and ask one.")
