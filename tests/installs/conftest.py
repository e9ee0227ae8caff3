from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.installs.models import Installation
from marketplace.installs.services import Wish, install_listing
from marketplace.manifest.canonical import as_document
from marketplace.manifest.reading import read_yaml
from marketplace.models import ListingVersion
from marketplace.publishing.services.builtin import CATALOGUE
from projects.work import leases, tasks
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.models import Tenant
from tests.agents.conftest import api, model  # noqa: F401 - fixtures
from tests.installs.shelf import codes_of, offer

OURS = ("document-analyst", "market-brief", "schelling-segregation")


@pytest.fixture
def market(db: None) -> dict[str, ListingVersion]:
    """Some of our own listings, on the market; by slug."""
    return {slug: offer(as_document(read_yaml((CATALOGUE / f"{slug}.yaml").read_bytes()))) for slug in OURS}


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
