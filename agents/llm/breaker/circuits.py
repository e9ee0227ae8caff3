"""Which circuits a call depends on, so that what one workspace meets is not held against another."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NamedTuple

from agents.llm.types import Target


class Circuits(NamedTuple):
    """Names of two circuits: of the place that serves the model, and of the credential that it is asked with."""

    endpoint: str
    credential: str


@lru_cache(4096)
def circuits_of(target: Target) -> Circuits:
    """The operator's servers and a provider's own address are shared by all; any other address is its workspace's alone."""
    whose = "global" if target.public or not target.tenant else f"tenant:{target.tenant}"
    address = hashlib.sha256(target.base_url.encode()).hexdigest()[:16]
    place = f"{target.provider}|{address}|{target.model}|{whose}"
    return Circuits(f"llm:circuit:{place}", f"llm:circuit:{place}|cred:{target.credential or 'none'}")
