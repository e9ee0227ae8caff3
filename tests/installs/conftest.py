from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.installs.models import Installation
from marketplace.installs.services import Wish, install_listing
from marketplace.models import ListingVersion
from marketplace.publishing.services import publish_catalogue
from projects.work import leases, tasks
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.models import Tenant
from tests.agents.conftest import api, model  # noqa: F401 - fixtures
from tests.installs.shelf import codes_of


@pytest.fixture
def market(db: None) -> dict[str, ListingVersion]:
    """Our own listings, on the market; by slug."""
    return {version.listing.slug: version for version in publish_catalogue()}


Install = Callable[..., Installation]


@pytest.fixture
def install(in_acme: Tenant, alice_at_acme: Member) -> Install:
    """Alice installs a version at Acme and grants all that it asks for."""

    def installed(version: ListingVersion, **wish: Any) -> Installation:
        return install_listing(version=version, by=alice_at_acme, wish=Wish(grants=codes_of(version), **wish))

    return installed


def work() -> int:
    """What waits in the queue `default`, done as a worker would; how many things there were."""
    done = 0
    with enter(PUBLIC):
        while (lease := leases.claim(["default"])) is not None:
            tasks.carry_out(lease)
            done += 1
    return done
