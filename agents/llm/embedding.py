"""Vectors for texts, asked for as carefully as answers."""

from __future__ import annotations

import time
from collections.abc import Sequence

from agents.llm.attempts import Asking, House, Trail
from agents.llm.listening import Listener
from agents.llm.routes import Route
from agents.llm.tokens import count
from agents.llm.types import Embeddings, Message, OnText, Reply, Request, Usage


async def embeddings(house: House, route: Route, texts: Sequence[str], *, model: str, deadline: float) -> Embeddings:
    """One vector per text, from this route. Raises an LLMError; `deadline` is in time.monotonic seconds."""
    served = route.served(model, first=True)
    vectors: list[list[float]] = []

    async def ask(request: Request, *, deadline: float, on_text: OnText | None = None) -> Reply:
        vectors[:] = await route.provider.embed(texts, model=request.model, deadline=deadline)
        return Reply("", route.provider.name, request.model, Usage(prompt_tokens=sum(map(count, texts))))

    trail, began = Trail(), time.monotonic()
    request = Request([Message("user", text) for text in texts], max_tokens=1)
    asking = Asking(house, route, served, request, deadline, Listener(), trail, answering=ask)
    await asking.reply()
    seconds = time.monotonic() - began
    return Embeddings(vectors, route.provider.name, served, trail.usage(), trail.cost(), seconds=seconds)
