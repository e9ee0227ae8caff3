"""One name for all plays that must come out equal."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson


def run_hash(
    *,
    scenario_digest: str,
    parameters: Mapping[str, Any],
    seed: int,
    policy: str,
    assign: Mapping[str, str] | None = None,
    model: str = "",
    steps: int,
) -> str:
    """32 hexadecimal characters over the scenario, its parameters, the seed, who decides, with which model, and how long."""
    told = {
        "scenario": scenario_digest,
        "parameters": dict(parameters),
        "seed": seed,
        "policy": policy,
        "assign": dict(assign or {}),
        "model": model,
        "steps": steps,
    }
    return blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
