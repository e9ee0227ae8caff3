"""Reading budgets, and what was used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from projects.budgets import books, rules
from projects.budgets.books import Used
from projects.budgets.models import Account, Budget
from projects.models import ModelCall, Run
from tenants import statements

MOST_ROWS = 1_000
MOST_DAYS = 400


def budgets() -> QuerySet[Budget]:
    return Budget.objects.all()


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget, and where its present period stands; `account` is None while nothing was used in it."""

    budget: Budget
    account: Account | None


def standings() -> list[Standing]:
    """All budgets, the workspace's first. Two statements."""
    found = list(Budget.objects.order_by("scope", "scope_name", "period"))
    found.sort(key=lambda budget: list(Budget.Scope).index(Budget.Scope(budget.scope)))
    present = _present(budget.pk for budget in found)
    return [Standing(budget, present.get(budget.pk)) for budget in found]


def standing_of(budget: Budget) -> Standing:
    return Standing(budget, _present([budget.pk]).get(budget.pk))


def _present(budget_ids: Any) -> dict[UUID | None, Account]:
    starts = {rules.begins(Budget.Period.MONTH), rules.begins(Budget.Period.TOTAL)}
    accounts = Account.objects.filter(budget_id__in=list(budget_ids), starts__in=starts).select_related("budget")
    return {account.budget_id: account for account in accounts}


_OF_RUN = """
SELECT a.id FROM budgets_account a LEFT JOIN budgets_budget b ON b.id = a.budget_id
WHERE a.run_id = %(run)s
      OR ((b.period = 'month' AND a.starts = %(month)s OR b.period = 'total' AND a.starts = %(always)s)
          AND (b.scope = 'workspace' OR b.scope = 'project' AND b.scope_id = %(project)s
               OR b.scope = 'crew' AND b.scope_id = %(subject)s OR b.scope = 'run' AND b.scope_id = %(run)s))
ORDER BY a.source, a.id"""


def accounts_of_run(run: Run) -> list[Account]:
    """What bounds a run now: its own limits, its crew's, and the budgets that it falls under.

    Every reading of a run asks it, and most runs are bounded by nothing.
    """
    month, always = rules.begins(Budget.Period.MONTH), rules.begins(Budget.Period.TOTAL)
    ids = {"run": run.pk, "project": run.project_id, "subject": run.subject_id}
    found = [account_id for (account_id,) in statements.fetch(_OF_RUN, {**ids, "month": month, "always": always})]
    if not found:
        return []
    return list(Account.objects.filter(pk__in=found).select_related("budget").order_by("source", "id"))


@dataclass(frozen=True, slots=True)
class Usage:
    """The lines from `start` to `end`, both included, by day or by whom; costliest first, days newest first."""

    by: str
    start: date
    end: date
    lines: tuple[Used, ...]
    total: Used


_KEYS: dict[str, tuple[str, ...]] = {
    "day": ("day",),
    "crew": ("run__subject_id", "run__title"),
    "agent": ("agent",),
    "model": ("provider", "model"),
    "project": ("run__project_id", "run__project__name"),
}
BY = tuple(_KEYS)


def usage(*, by: str, start: date, end: date) -> Usage:
    """What models were asked for in these days (UTC): by runs, from the calls themselves, and besides (`books`).

    Two statements, and one for each book.
    """
    first, last = _midnight(start), _midnight(end + timedelta(days=1))
    calls = ModelCall.objects.filter(created_at__gte=first, created_at__lt=last)
    besides = books.besides(by, first, last)
    total = reduce(Used.plus, besides, _used("total", "Total", calls.aggregate(**_sums())))
    lines = sorted(books.merged([*_of_runs(by, calls), *besides]), key=_order(by))
    return Usage(by, start, end, tuple(lines[:MOST_ROWS]), total)


def _of_runs(by: str, calls: QuerySet[ModelCall]) -> Iterator[Used]:
    if by == "day":
        calls = calls.annotate(day=TruncDate("created_at"))
    order = ("-day",) if by == "day" else ("-cost", "-prompt", *_KEYS[by])
    return _lines(by, calls.values(*_KEYS[by]).annotate(**_sums()).order_by(*order)[:MOST_ROWS])


def _order(by: str) -> Callable[[Used], Any]:
    """Days newest first, else costliest first."""
    if by == "day":
        return lambda used: -date.fromisoformat(used.key).toordinal()
    return lambda used: (-used.cost, -used.total_tokens)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _sums() -> dict[str, Any]:
    return {
        "calls": Count("id", filter=Q(cache_layer="")),
        "cached": Count("id", filter=~Q(cache_layer="")),
        "prompt": Sum("prompt_tokens", filter=Q(cache_layer=""), default=0),
        "completion": Sum("completion_tokens", filter=Q(cache_layer=""), default=0),
        "cost": Sum(F("cost"), filter=Q(cache_layer=""), default=Decimal(0)),
    }


def _lines(by: str, rows: Any) -> Iterator[Used]:
    for row in rows:
        values = [row[name] for name in _KEYS[by]]
        label = f"{values[1]} ({values[0]})" if by == "model" else str(values[-1])
        yield _used("/".join(map(str, values)) if by == "model" else str(values[0]), label, row)


def _used(key: str, label: str, row: dict[str, Any]) -> Used:
    return Used(
        key,
        label,
        row["calls"],
        row["cached"],
        row["prompt"],
        row["completion"],
        row["prompt"] + row["completion"],
        row["cost"],
    )
