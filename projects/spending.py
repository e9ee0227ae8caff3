"""Where the tokens, the money and the time of a run went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from projects.models import Effect, Run


@dataclass(frozen=True, slots=True)
class Share:
    """One row: `calls` of models, tokens, US dollars, seconds spent waiting for them; `cached` calls cost nothing."""

    name: str
    calls: int
    cached: int
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal
    seconds: float

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class ToolShare:
    """How often a tool was used, and how that went."""

    name: str
    uses: int
    failed: int


def by_agent(run: Run) -> list[Share]:
    return _shares(run, "agent")


def by_model(run: Run) -> list[Share]:
    return _shares(run, "model")


def by_task(run: Run) -> list[Share]:
    return _shares(run, "task")


def by_tool(run: Run) -> list[ToolShare]:
    bad = Q(state__in=[Effect.State.FAILED, Effect.State.REFUSED, Effect.State.NEEDS_REVIEW])
    rows = (
        run.effects.values("tool").annotate(uses=Count("id"), failed=Count("id", filter=bad)).order_by("-uses", "tool")
    )
    return [ToolShare(row["tool"], row["uses"], row["failed"]) for row in rows]


def _shares(run: Run, column: str) -> list[Share]:
    rows = (
        run.model_calls.values(column)
        .annotate(
            calls=Count("id"),
            cached=Count("id", filter=~Q(cache_layer="")),
            prompt=Sum("prompt_tokens"),
            completion=Sum("completion_tokens"),
            dollars=Sum("cost"),
            time=Sum("seconds"),
        )
        .order_by("-dollars", "-prompt")
    )
    return [_share(row[column], row) for row in rows]


def _share(name: str, row: Mapping[str, Any]) -> Share:
    return Share(
        name, row["calls"], row["cached"], row["prompt"], row["completion"], row["dollars"], round(row["time"] or 0, 3)
    )
