"""The scenario that a row is played by, read from the manifest that stands with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from simulations.engine.spec import ScenarioRefused, ScenarioSpec, parse_scenario
from tenants.errors import Unavailable


def spec_in(definition: Mapping[str, Any]) -> ScenarioSpec:
    """The scenario of a stored manifest. Raises Unavailable where this release cannot read it any more."""
    try:
        return _parsed(orjson.dumps(definition, option=orjson.OPT_SORT_KEYS))
    except ScenarioRefused as refused:
        raise Unavailable(f"This release cannot play this scenario any more: {refused.detail}") from None


@lru_cache(maxsize=64)
def _parsed(document: bytes) -> ScenarioSpec:
    return parse_scenario(orjson.loads(document))
