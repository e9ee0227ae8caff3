from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from marketplace.models import ListingVersion
from marketplace.publishing.services.builtin import CATALOGUE, publish_builtin
from tenants.models import User
from tests.cast import PASSWORD

OURS = ("document-analyst", "market-brief", "schelling-segregation")


@pytest.fixture
def market(db: None) -> dict[str, ListingVersion]:
    """Some of our own listings, on the market; by slug."""
    return {slug: publish_builtin(path=CATALOGUE / f"{slug}.yaml") for slug in OURS}


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
