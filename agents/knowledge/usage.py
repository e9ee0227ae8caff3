"""What vectors of documents and questions took, as lines of the workspace's table of usage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from agents.knowledge.models import EmbeddingDay
from projects.budgets.books import Used

TOGETHER = ("documents", "Vectors of documents")


def used(by: str, start: datetime, end: datetime) -> Iterator[Used]:
    """By day and model as they were asked; to a project, a crew or an agent they do not belong."""
    names = {"day": ("day",), "model": ("provider", "model")}.get(by, ())
    days = EmbeddingDay.objects.filter(day__gte=start.date(), day__lt=end.date())
    sums = {"all_calls": Sum("calls"), "all_tokens": Sum("tokens"), "dollars": Sum("cost")}
    rows = days.values(*names).order_by(*names).annotate(**sums) if names else [days.aggregate(**sums)]
    for row in rows:
        if row["all_calls"]:
            key, label = _words(tuple(str(row[name]) for name in names))
            tokens, cost = row["all_tokens"], row["dollars"] or Decimal(0)
            yield Used(key, label, row["all_calls"], 0, tokens, 0, tokens, cost)


def _words(values: tuple[str, ...]) -> tuple[str, str]:
    match values:
        case (day,):
            return day, day
        case (provider, model):
            return f"{provider}/{model}", f"{model} ({provider})"
    return TOGETHER
