"""Questions of the engine to the workspace's models."""

from __future__ import annotations

from decimal import Decimal
from hashlib import blake2b
from typing import Any

import orjson

from agents.llm.types import Message, Reply, Request
from simulations.engine.decisions import ZERO, ModelAnswer, ModelFailed, Question
from simulations.ports.meter import Meter

MOST_ANSWER_TOKENS = 4_096  # a decision is short; what thinks aloud before it gets room, too


class GatewayModels:
    """The engine's port to models. `model` is what the play was begun with; a question's own goes first."""

    def __init__(self, meter: Meter, *, model: str = "") -> None:
        self._meter = meter
        self._model = model

    @property
    def answered_lately(self) -> bool:
        return self._meter.answered_lately

    async def ask(self, question: Question) -> ModelAnswer:
        """Raises ModelFailed."""
        request = Request(
            messages=_messages(question.system, question.prompt),
            model=question.model or self._model,
            response_schema=dict(question.schema),
            temperature=question.temperature,
            max_tokens=MOST_ANSWER_TOKENS,
        )
        reply = await self._meter.complete(request, key_of(question))
        return answer_of(reply)


def key_of(question: Question) -> str:
    """A name for the question in the books: 32 hexadecimal characters."""
    said = (question.system, question.prompt, question.model, question.purpose)
    return blake2b("\x00".join(said).encode(), digest_size=16).hexdigest()


def answer_of(reply: Reply) -> ModelAnswer:
    """What was said, decoded; from a cache it took nothing. Raises ModelFailed where it is no JSON."""
    paid = not reply.cached
    usage = reply.usage
    return ModelAnswer(
        value=_decoded(reply),
        text=reply.text,
        model=f"{reply.provider}/{reply.model}",
        prompt_tokens=usage.prompt_tokens if paid else 0,
        completion_tokens=usage.completion_tokens if paid else 0,
        cost=reply.cost if paid else Decimal(0),
        seconds=reply.seconds,
    )


def _decoded(reply: Reply) -> Any:
    try:
        return orjson.loads(reply.text)
    except orjson.JSONDecodeError:
        usage, cost = reply.usage, reply.cost if not reply.cached else ZERO
        raise ModelFailed(
            "malformed",
            "The model's answer is no JSON.",
            said=reply.text,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            cost=cost,
        ) from None


def _messages(system: str, prompt: str) -> list[Message]:
    asked = Message("user", prompt)
    return [Message("system", system), asked] if system else [asked]
