"""What is shown of a workspace's providers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from agents.connections import house
from agents.connections.chain import Link, link_to
from agents.connections.models import Connection
from agents.connections.stats import Doing
from agents.llm.breaker import State
from agents.llm.loop import wait_for
from projects.models import ModelCall
from tenants.context import current_schema, release_connection

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ProviderState:
    """How one provider does. `circuit` is the breaker's word; `retry_seconds` until an open one is tried again."""

    connection: Connection
    circuit: State
    retry_seconds: float
    doing: Doing
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """What runs of the last 24 hours recorded of one model."""

    provider: str
    model: str
    calls: int
    tokens: int
    cost: Decimal


def connections() -> QuerySet[Connection]:
    return Connection.objects.select_related("credential")


def spent(since: datetime | None = None) -> list[Spent]:
    """By model, the dearest first; answers from a cache cost nothing and are left out."""
    rows = (
        ModelCall.objects.filter(created_at__gte=since or timezone.now() - DAY, cache_layer="")
        .values("provider", "model")
        .annotate(calls=Count("id"), prompt=Sum("prompt_tokens"), completion=Sum("completion_tokens"), paid=Sum("cost"))
        .order_by("-paid", "-calls", "provider", "model")
    )
    return [
        Spent(row["provider"], row["model"], row["calls"], row["prompt"] + row["completion"], row["paid"])
        for row in rows[:50]
    ]


def states() -> list[ProviderState]:
    """Every connection, enabled or not, with what the breaker and the counts say of it."""
    rows = list(connections())
    links = [link_to(row) for row in rows]
    schema = current_schema()
    release_connection()
    return wait_for(_states(rows, links, schema))


async def _states(rows: Sequence[Connection], links: Sequence[Link], schema: str) -> list[ProviderState]:
    return [await _state(row, link, schema) for row, link in zip(rows, links, strict=True)]


async def _state(row: Connection, link: Link, schema: str) -> ProviderState:
    if link.route is None:
        return ProviderState(row, "closed", 0.0, Doing(), problem=link.problem)
    target = link.route.target
    circuit, retry_seconds = await house.breaker().state_of(target)
    return ProviderState(row, circuit, retry_seconds, await house.stats().read(schema, target))
