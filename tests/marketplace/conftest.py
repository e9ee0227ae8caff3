from __future__ import annotations

import pytest

from marketplace.models import ListingVersion
from marketplace.publishing.services.builtin import CATALOGUE, publish_builtin

OURS = ("document-analyst", "market-brief", "schelling-segregation")


@pytest.fixture
def market(db: None) -> dict[str, ListingVersion]:
    """Some of our own listings, on the market; by slug."""
    return {slug: publish_builtin(path=CATALOGUE / f"{slug}.yaml") for slug in OURS}
