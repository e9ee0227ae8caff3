"""Vectors for texts, asked for as carefully as answers."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence

from agents.llm.attempts import Asking, House, Trail
from agents.llm.guards import Cache, CacheKey
from agents.llm.listening import Listener
from agents.llm.questions import cache_key
from agents.llm.routes import Route
from agents.llm.tokens import count
from agents.llm.types import BadReply, Embeddings, LLMError, Message, OnText, Reply, Request, Usage

KEPT_AS = "vectors"  # no prompt has this version: a vector is never taken for an answer in words


async def embeddings(
    house: House, route: Route, texts: Sequence[str], *, model: str, deadline: float, remember: bool = False
) -> Embeddings:
    """One vector per text, from this route, all of one length. Raises an LLMError; `deadline` is in time.monotonic seconds.

    With `remember` they are looked for in the house's cache first, and kept there.
    """
    served = route.served(model, first=True)
    request = Request(
        [Message("user", text) for text in texts], model=served, max_tokens=1, temperature=0, prompt_version=KEPT_AS
    )
    if house.cache is None or not remember:
        return await _asked(house, route, texts, request, deadline)
    key = cache_key(request, route.target_for(served), tenant=house.tenant)
    if (known := await _kept(house.cache, key, len(texts))) is not None:
        return known
    found = await _asked(house, route, texts, request, deadline)
    await house.cache.put(key, Reply(json.dumps(found.vectors), found.provider, found.model, found.usage))
    return found


async def _kept(cache: Cache, key: CacheKey, wanted: int) -> Embeddings | None:
    reply = await cache.get(key)
    vectors = json.loads(reply.text) if reply is not None else []
    if reply is None or not _are_vectors(vectors, wanted):
        return None
    return Embeddings(vectors, reply.provider, reply.model, Usage(), cached=True)


async def _asked(house: House, route: Route, texts: Sequence[str], request: Request, deadline: float) -> Embeddings:
    vectors: list[list[float]] = []

    async def ask(request: Request, *, deadline: float, on_text: OnText | None = None) -> Reply:
        vectors[:] = await route.provider.embed(texts, model=request.model, deadline=deadline)
        if not _are_vectors(vectors, len(texts)):
            provider = route.provider.name
            raise BadReply(f"What {provider} sent is not one vector of numbers for each text.", provider=provider)
        return Reply("", route.provider.name, request.model, Usage(prompt_tokens=sum(map(count, texts))))

    trail, began = Trail(), time.monotonic()
    asking = Asking(house, route, request.model, request, deadline, Listener(), trail, answering=ask)
    try:
        await asking.reply()
    except LLMError as failure:
        failure.usage, failure.cost = trail.usage(), trail.cost()
        raise
    seconds = time.monotonic() - began
    return Embeddings(vectors, route.provider.name, request.model, trail.usage(), trail.cost(), seconds=seconds)


def _are_vectors(vectors: Sequence[Sequence[float]], wanted: int) -> bool:
    """As many as were asked for, all of one length, and each points somewhere: NaN, infinity and nothing but zeros do not."""
    if len(vectors) != wanted or not all(isinstance(vector, list) for vector in vectors):
        return False
    return len({len(vector) for vector in vectors}) <= 1 and all(map(_points_somewhere, vectors))


def _points_somewhere(vector: Sequence[float]) -> bool:
    try:
        return 0 < math.hypot(*vector) < math.inf
    except (TypeError, OverflowError):  # texts, nothing, whole numbers without end
        return False
