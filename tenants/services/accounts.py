"""What may be done with a person's account."""

from __future__ import annotations

from tenants.models import User


def set_active(*, user: User, active: bool) -> User:
    """Close or reopen a person's account; for platform staff, from the admin. Takes effect with their next request."""
    user.is_active = active
    user.save(update_fields=["is_active"])
    return user
