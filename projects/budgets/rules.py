"""Which budgets bound a run. Each process keeps what it read of a workspace for some seconds, so that calls ask nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from projects.budgets.amounts import UNBOUND, Limits
from projects.budgets.models import ALWAYS, Account, AtLimit, Budget
from projects.budgets.spending import Caller

KEPT_SECONDS = 3.0


class Rule(NamedTuple):
    """A budget, as far as it decides whom it bounds."""

    budget: UUID
    scope: str
    scope_id: UUID | None
    period: str


@dataclass(frozen=True, slots=True)
class Bounded:
    """A run under its lease, and what bounds it besides budgets: its own limits, and those of its crew.

    `since` is when it was asked for, on this process's steady clock: a budget that somebody made before holds for it.
    """

    schema: str
    caller: Caller
    project: UUID | None = None
    subject: UUID | None = None
    own: Limits = UNBOUND
    own_at_limit: str = AtLimit.STOP
    crew: Limits = UNBOUND
    since: float | None = None

    def is_bound_by(self, rule: Rule) -> bool:
        wanted = {"workspace": None, "project": self.project, "crew": self.subject, "run": self.caller.object_id}
        return rule.scope_id == wanted[rule.scope] and (rule.scope == "workspace" or rule.scope_id is not None)


@dataclass
class _Known:
    read_at: float
    rules: tuple[Rule, ...]
    accounts: dict[tuple[UUID, date], UUID] = field(default_factory=dict)


_known: dict[str, _Known] = {}


def forget(schema: str | None = None) -> None:
    """Read the budgets anew at the next call; of all workspaces, or of one."""
    if schema is None:
        _known.clear()
    else:
        _known.pop(schema, None)


def known(schema: str, *, since: float) -> tuple[Rule, ...] | None:
    """The budgets of a workspace as read some seconds ago at most, and not before `since`; None when it is time to `read`."""
    found = _known.get(schema)
    oldest = max(since, time.monotonic() - KEPT_SECONDS)
    return found.rules if found and found.read_at >= oldest else None


def read(schema: str) -> tuple[Rule, ...]:
    """Read the budgets of the current tenant. One statement."""
    began = time.monotonic()
    rules = tuple(Rule(*row) for row in Budget.objects.values_list("id", "scope", "scope_id", "period"))
    before = _known.get(schema)
    _known[schema] = _Known(began, rules, before.accounts if before else {})
    return rules


def account_of(schema: str, rule: Rule) -> UUID | None:
    """Where the budget's present period is counted; None when the budget is gone. Makes the account of a new month."""
    place = (rule.budget, begins(rule.period))
    accounts = _known[schema].accounts if schema in _known else {}
    if place not in accounts:
        found = open_account(rule.budget, place[1])
        if found is None:
            return None
        accounts[place] = found
    return accounts[place]


def begins(period: str) -> date:
    """The first day of the present period. A month begins at midnight UTC."""
    return timezone.now().date().replace(day=1) if period == Budget.Period.MONTH else ALWAYS


def open_account(budget_id: UUID, starts: date) -> UUID | None:
    budget = Budget.objects.filter(pk=budget_id).first()
    if budget is None:
        return None
    bounds = {"at_limit": budget.at_limit, "warn_at": budget.warn_at, **columns(budget.limits)}
    return Account.objects.get_or_create(
        budget=budget, starts=starts, defaults={"source": Account.Source.BUDGET, **bounds}
    )[0].pk


def open_own_accounts(bounded: Bounded) -> list[UUID]:
    """Accounts of what the run itself and its crew bound."""
    given = ((Account.Source.RUN, bounded.own, bounded.own_at_limit), (Account.Source.CREW, bounded.crew, AtLimit.STOP))
    return [
        Account.objects.get_or_create(
            run_id=bounded.caller.object_id, source=source, defaults={"at_limit": at_limit, **columns(limits)}
        )[0].pk
        for source, limits, at_limit in given
        if limits
    ]


def columns(limits: Limits) -> dict[str, object]:
    return {"usd_limit": limits.usd, "tokens_limit": limits.tokens, "model_calls_limit": limits.model_calls}
