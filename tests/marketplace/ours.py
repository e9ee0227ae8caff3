"""Some of our own listings on the market: published once for all tests of a module, since each takes a fifth of a second."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import pytest

from marketplace.models import ListingVersion
from marketplace.publishing.services.builtin import CATALOGUE, publish_builtin
from tenants.context import PUBLIC, enter
from tests.servers.database import Settled

Market = dict[str, ListingVersion]
OURS = ("document-analyst", "market-brief", "schelling-segregation")


def publish_ours() -> Market:
    """By slug."""
    return {slug: publish_builtin(path=CATALOGUE / f"{slug}.yaml") for slug in OURS}


@pytest.fixture(scope="module")
def stocked(settled: Settled) -> Mapping[str, UUID]:
    """The versions' keys. They stay until the module has ended, also for its tests that do not ask for them."""
    with settled(), enter(PUBLIC):
        return {slug: version.pk for slug, version in publish_ours().items()}


@pytest.fixture
def market(stocked: Mapping[str, UUID], db: None) -> Market:
    return {slug: ListingVersion.objects.select_related("listing").get(pk=pk) for slug, pk in stocked.items()}
