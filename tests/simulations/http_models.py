"""Real models over real HTTP for an engine without Django: the product's gateway, without a workspace's budgets."""

from __future__ import annotations

import time

import orjson

from agents.llm.gateway import Gateway, Patience
from agents.llm.retries import RetryBudget
from agents.llm.types import BadReply, LLMError, Message, ProviderUnreachable, RateLimited, Reply, Request
from agents.llm.vendors import Connection, route_to
from simulations.engine.decisions import FailureKind, ModelAnswer, ModelFailed, Question


class HttpModels:
    """Each question is one request, tried once; `seconds` until it counts as lost."""

    def __init__(self, openai_url: str, *, seconds: float = 60.0) -> None:
        route = route_to(Connection("openai", openai_url, "sk-test", model="fake-1"))
        self.seconds = seconds
        self.answered_lately = False
        self._gateway = Gateway([route], patience=Patience(retries=0, repairs=0), budget=RetryBudget())

    async def ask(self, question: Question) -> ModelAnswer:
        messages = [Message("system", question.system), Message("user", question.prompt)]
        request = Request(messages, response_schema=question.schema, temperature=question.temperature)
        try:
            reply = await self._gateway.complete(request, deadline=time.monotonic() + self.seconds)
        except LLMError as failure:
            self.answered_lately = False
            said = failure.said if isinstance(failure, BadReply) else ""
            raise ModelFailed(_kind(failure), failure.detail, said=said) from failure
        self.answered_lately = True
        return _answer(reply)


def _kind(failure: LLMError) -> FailureKind:
    if isinstance(failure, RateLimited):
        return "rate_limited"
    if isinstance(failure, BadReply):
        return "malformed"
    return "timeout" if isinstance(failure, ProviderUnreachable) else "unavailable"


def _answer(reply: Reply) -> ModelAnswer:
    usage = reply.usage
    return ModelAnswer(
        orjson.loads(reply.text),
        reply.text,
        reply.model,
        usage.prompt_tokens,
        usage.completion_tokens,
        reply.cost,
        reply.seconds,
    )
