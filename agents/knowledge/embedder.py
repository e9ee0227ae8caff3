"""Asking the workspace's embedder for vectors, within the workspace's budgets, and writing down what that took."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from agents.connections.gateways import gateway_to
from agents.connections.models import Connection
from agents.execution.ceilings import IN_DOUBT, OVERHEAD, usual_price
from agents.knowledge.models import Embedder
from agents.llm.gateway import Gateway
from agents.llm.loop import wait_for
from agents.llm.tokens import count
from agents.llm.types import LLMError, Usage
from projects.budgets import spending
from projects.budgets.amounts import Ceiling
from projects.budgets.purse import Purse, Reservation
from projects.budgets.rules import Bounded
from projects.budgets.spending import Caller, Settlement
from tenants.context import current_schema, release_connection
from tenants.ids import uuid7

_ENTER = """
INSERT INTO agents_embeddingday AS d (day, provider, model, calls, tokens, cost) VALUES (%s, %s, %s, 1, %s, %s)
ON CONFLICT (day, provider, model) DO UPDATE
SET calls = d.calls + 1, tokens = d.tokens + excluded.tokens, cost = d.cost + excluded.cost"""


@dataclass(frozen=True, slots=True)
class Bill:
    """What a call took, to be entered with what it was made for. `settlement` is for the budgets that bound it."""

    provider: str
    model: str
    tokens: int = 0
    cost: Decimal = Decimal(0)
    settlement: Settlement | None = None

    def enter(self) -> None:
        """Into the budgets and the table of usage, in the caller's transaction."""
        if self.settlement is not None:
            spending.settle([replace(self.settlement, run=None)])  # a warning names a run, and this is none
        if self.tokens or self.cost:
            with database.cursor() as cursor:
                day = timezone.now().date()
                cursor.execute(_ENTER, [day, self.provider, self.model[:200], self.tokens, self.cost])


@dataclass(frozen=True, slots=True)
class Made:
    """A vector of length 1 for each text. `served` names who made them, as provider/model."""

    vectors: list[list[float]]
    served: str
    bill: Bill

    @property
    def dimensions(self) -> int:
        return len(self.vectors[0])

    def are_of(self, embedder: Embedder) -> bool:
        """Whether they can be compared with those that are stored."""
        return (self.served, self.dimensions) == (embedder.served, embedder.dimensions)


def vectors_of(
    texts: Sequence[str],
    *,
    connection: Connection | None,
    model: str,
    caller: Caller,
    seconds: float,
    remember: bool = False,
) -> Made:
    """Ask this provider, or without a connection the operator's, and nobody else. The bill is the caller's to enter.

    Raises an LLMError, or OverLimit where a budget of the workspace has no room.
    """
    gateway = gateway_to(connection)
    reserved = _reserve(gateway, texts, model, caller)
    release_connection()
    deadline = time.monotonic() + seconds
    try:
        found = wait_for(gateway.embed(texts, model=model, deadline=deadline, remember=remember))
    except LLMError as failure:
        _enter_failure(failure, model, reserved)
        raise
    taken = reserved.refund if found.cached else reserved.used
    settlement = taken(found.cost, found.usage.total_tokens)
    bill = Bill(found.provider, found.model, found.usage.total_tokens, found.cost, settlement)
    return Made([_unit(vector) for vector in found.vectors], f"{found.provider}/{found.model}", bill)


def question_of(embedder_id: UUID) -> Caller:
    """Who asks outside of a worker: without a lease, what is set aside for it is given back as soon as somebody needs it."""
    return Caller("question", embedder_id, 0)


@transaction.atomic
def _enter_failure(failure: LLMError, model: str, reserved: Reservation) -> None:
    usage: Usage = failure.usage
    refund = reserved.refund(failure.cost, usage.total_tokens)
    Bill(failure.provider, model, usage.total_tokens, failure.cost, refund).enter()


def _reserve(gateway: Gateway, texts: Sequence[str], model: str, caller: Caller) -> Reservation:
    purse = Purse(Bounded(schema=current_schema(), caller=caller), call=_here)
    return async_to_sync(purse.reserve)(f"vectors/{uuid7()}", _ceiling(gateway, texts, model))


async def _here(_schema: str, call: Callable[..., Any], *given: Any) -> Any:
    """In the thread that waits: it is in the workspace already."""
    return await sync_to_async(call, thread_sensitive=True)(*given)


def _ceiling(gateway: Gateway, texts: Sequence[str], model: str) -> Ceiling:
    tokens = int(sum(map(count, texts)) * IN_DOUBT) + OVERHEAD
    price = usual_price(model, gateway.routes)
    return Ceiling(tokens, 0, price.prompt if price else None, price.completion if price else None)


def _unit(vector: Sequence[float]) -> list[float]:
    length = math.hypot(*vector)
    return [number / length for number in vector]
