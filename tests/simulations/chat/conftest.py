from __future__ import annotations

from tests.agents.conftest import api, model

__all__ = ["api", "model"]
