from __future__ import annotations

import pytest

from marketplace.models import ListingVersion
from marketplace.publishing.services.builtin import publish_catalogue


@pytest.fixture
def market(db: None) -> dict[str, ListingVersion]:
    """Our own listings, on the market; by slug."""
    return {version.listing.slug: version for version in publish_catalogue()}
