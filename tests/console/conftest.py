from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from tenants.models import User
from tests.cast import PASSWORD
from tests.marketplace.ours import market, stocked  # noqa: F401 - fixtures


def staff(nick: str, *groups: str) -> User:
    """Somebody of the platform's staff with these roles."""
    user = User.objects.create_user(f"{nick}@guildhall.example", PASSWORD, name=nick.capitalize(), is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


@pytest.fixture
def clerk(db: None) -> User:
    """Staff without a role in moderation."""
    return staff("clerk")


@pytest.fixture
def mod(db: None) -> User:
    return staff("mod", "moderator")


@pytest.fixture
def peer(db: None) -> User:
    return staff("peer", "moderator")


@pytest.fixture
def senior(db: None) -> User:
    return staff("senior", "senior moderator")
