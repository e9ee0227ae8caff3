from __future__ import annotations

from tests.marketplace.ours import market, stocked  # noqa: F401 - fixtures
