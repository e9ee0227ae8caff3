"""The cache that a gateway asks: from the quickest layer to the slowest, and what a slower one had goes up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from prometheus_client import Counter

from agents.llm.cache.answers import WHOLE, pack, unpack
from agents.llm.cache.layers import Layer
from agents.llm.guards import CacheKey
from agents.llm.types import Reply

HITS = Counter("llm_cache_hits_total", "Answers that needed no model, by the layer that had them.", ["layer"])
MISSES = Counter("llm_cache_misses_total", "Answers that were looked for and not found.")

Stamp = Callable[[CacheKey], str]
"""Which generation of answers counts for a key now: another text than before, and the former answers are forgotten."""


class LayeredCache:
    """Fulfils `agents.llm.guards.Cache`. An answer lies at a place that its tenant, digest and generation decide."""

    def __init__(self, layers: Sequence[Layer], *, stamp: Stamp) -> None:
        self._layers = tuple(layers)
        self._stamp = stamp

    async def get(self, key: CacheKey) -> Reply | None:
        place = self.place_of(key)
        for depth, layer in enumerate(self._layers):
            content = await layer.get(place)
            reply = unpack(content, cached=layer.name) if content else None
            if content and reply:
                HITS.labels(layer.name).inc()
                await self._keep(self._layers[:depth], place, content, key.model)
                return reply
        MISSES.inc()
        return None

    async def put(self, key: CacheKey, reply: Reply) -> None:
        if reply.finish_reason in WHOLE:
            await self._keep(self._layers, self.place_of(key), pack(reply), key.model)

    def place_of(self, key: CacheKey) -> str:
        text = "\n".join((key.tenant, key.model, key.prompt_version, self._stamp(key), key.digest))
        return hashlib.sha256(text.encode()).hexdigest()

    async def _keep(self, layers: Sequence[Layer], place: str, content: bytes, model: str) -> None:
        for layer in layers:
            await layer.put(place, content, model=model)
