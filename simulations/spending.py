"""What plays took of models, as lines of the workspace's table of usage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncDate

from projects.budgets.books import Used
from simulations.models import Simulation

Row = Mapping[str, Any]


def used(by: str, start: datetime, end: datetime) -> Iterator[Used]:
    """A play keeps sums, not calls: all it took stands on the day (UTC) on which it began, and under the model that answered last."""
    names, words = _BY[by]
    plays = Simulation.objects.filter(created_at__gte=start, created_at__lt=end, llm_calls__gt=0)
    days = plays.annotate(day=TruncDate("created_at"))
    sums = {"calls": Sum("llm_calls"), "all_tokens": Sum("tokens"), "dollars": Sum("cost")}
    for row in days.values(*names).order_by(*names).annotate(**sums):
        key, label = words(row)
        yield Used(key, label, row["calls"], 0, 0, 0, row["all_tokens"], row["dollars"] or Decimal(0))


def _day(row: Row) -> tuple[str, str]:
    return str(row["day"]), str(row["day"])


def _scenario(row: Row) -> tuple[str, str]:
    name = row["scenario__name"] or row["key"]
    return f"scenario/{row['key']}", f"Scenario {name}"


def _model(row: Row) -> tuple[str, str]:
    """`served_by` is provider/model; a play of which no call was answered names none."""
    provider, _, model = row["served_by"].partition("/")
    return (row["served_by"], f"{model} ({provider})") if model else ("simulations/", "No answer came (simulations)")


def _together(label: str) -> Callable[[Row], tuple[str, str]]:
    return lambda _: ("simulations", label)


_BY: Mapping[str, tuple[tuple[str, ...], Callable[[Row], tuple[str, str]]]] = {
    "day": (("day",), _day),
    "crew": (("key", "scenario__name"), _scenario),
    "agent": (("mode",), _together("Agents in simulations")),
    "model": (("served_by",), _model),
    "project": (("mode",), _together("Simulations")),
}
