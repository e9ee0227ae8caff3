"""What a person may do with budgets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Sum
from django.utils import timezone

from projects.budgets import access, books, rules, subjects, words
from projects.budgets.amounts import MEASURES, Amounts, Limits
from projects.budgets.models import Account, Budget
from projects.models import ModelCall, Project, Question, Run
from tenants import audit
from tenants.access import Member, require_admin
from tenants.context import current_schema
from tenants.errors import Conflict, FieldError, Invalid

CHANGEABLE = ("usd", "tokens", "model_calls", "at_limit", "warn_at")


@transaction.atomic
def create_budget(
    *, scope: Budget.Scope, scope_id: UUID | None, period: Budget.Period, by: Member, **bounds: Any
) -> Budget:
    """Bound what a workspace, a project, a crew or a run may spend. What it spent in the present period counts already.

    `bounds` are usd, tokens, model_calls, at_limit and warn_at. Raises Invalid, Conflict.
    """
    require_admin(by)
    budget = Budget(scope=scope, scope_id=scope_id, scope_name=_name_of(scope, scope_id), period=period, **bounds)
    _refuse_no_bound(budget)
    try:
        with transaction.atomic():
            budget.save()
    except IntegrityError:
        raise Conflict("There is such a budget for this period already; change that one.", code="exists") from None
    rules.open_account(budget.pk, rules.begins(period))
    budget.accounts.update(**_spent_so_far(budget))
    audit.record("budget.created", budget, by=by, **_told(budget))
    transaction.on_commit(partial(rules.forget, current_schema()))
    return budget


@transaction.atomic
def update_budget(*, budget: Budget, changes: Mapping[str, Any], by: Member) -> Budget:
    """Change bounds; they hold from the next call on. A budget that is raised may warn again."""
    require_admin(by)
    budget = access.lock(budget)
    for name in CHANGEABLE:
        setattr(budget, name, changes.get(name, getattr(budget, name)))
    _refuse_no_bound(budget)
    budget.save()
    present = budget.accounts.filter(starts=rules.begins(budget.period))
    present.update(**rules.columns(budget.limits), at_limit=budget.at_limit, warn_at=budget.warn_at)
    present.exclude(pk__in=[account.pk for account in present if _is_past_mark(account)]).update(warned_at=None)
    audit.record("budget.changed", budget, by=by, **_told(budget))
    transaction.on_commit(partial(rules.forget, current_schema()))
    return budget


@transaction.atomic
def delete_budget(*, budget: Budget, by: Member) -> None:
    """From the next call on nothing is bounded by it any more."""
    require_admin(by)
    budget = access.lock(budget)
    audit.record("budget.deleted", budget, by=by, **_told(budget))
    budget.delete()
    transaction.on_commit(partial(rules.forget, current_schema()))


@transaction.atomic
def allow_more(*, account: Account, more: Amounts, by: Member) -> Account:
    """Raise what is left of one period, once; the budget itself stays as it is."""
    require_admin(by)
    account = Account.objects.select_for_update().get(pk=account.pk)
    account.usd_more += more.usd
    account.tokens_more += more.tokens
    account.model_calls_more += more.model_calls
    account.save(update_fields=["usd_more", "tokens_more", "model_calls_more", "updated_at"])
    told = {name: str(getattr(more, name)) for name in MEASURES if getattr(more, name)}
    audit.record("budget.raised_once", account.budget or account.run, by=by, **told)
    return account


def grant(*, question: Question, data: object, by: Member) -> None:
    """What a budget question was answered with, `{"usd": 5}` for instance, is allowed on top. Raises Invalid.

    Call it in the transaction that keeps the answer.
    """
    require_admin(by)
    more = _amounts_in(data)
    account = Account.objects.filter(pk=question.details.get("account")).first()
    if account is not None:  # the budget may have been deleted meanwhile, and then nothing is in the way any more
        allow_more(account=account, more=more, by=by)


def _amounts_in(data: object) -> Amounts:
    if not isinstance(data, dict) or not data or set(data) - set(MEASURES):
        detail = "Say how much more is allowed, in at least one number: dollars, tokens or model calls."
        raise Invalid(detail, errors=[FieldError("data", "missing", detail)])
    most = Limits(Budget.MOST_USD, Budget.MOST_TOKENS, Budget.MOST_CALLS)
    values = {name: _number(name, given, getattr(most, name)) for name, given in data.items()}
    return Amounts(
        usd=values.get("usd", Decimal(0)),
        tokens=int(values.get("tokens", 0)),
        model_calls=int(values.get("model_calls", 0)),
    )


def _number(name: str, given: object, most: Decimal | int) -> Decimal:
    detail = f"A number above 0 and up to {most:,}."
    refused = Invalid(detail, errors=[FieldError(f"data.{name}", "number", detail)])
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise refused
    try:
        value = Decimal(str(given))
    except InvalidOperation:
        raise refused from None
    if not value.is_finite() or not 0 < value <= most or (name != "usd" and value != int(value)):
        raise refused
    return value


def _refuse_no_bound(budget: Budget) -> None:
    if not budget.limits:
        detail = "Bound at least one of them: dollars, tokens or model calls."
        raise Invalid(detail, errors=[FieldError("usd", "required", detail)])


def _name_of(scope: str, scope_id: UUID | None) -> str:
    """The name of what is bounded. Raises Invalid when it is not in this workspace."""
    if scope == Budget.Scope.WORKSPACE or scope_id is None:
        return ""
    if scope == Budget.Scope.PROJECT:
        found = Project.objects.filter(pk=scope_id).values_list("name", flat=True).first()
    elif scope == Budget.Scope.RUN:
        found = Run.objects.filter(pk=scope_id).values_list("title", flat=True).first()
    else:
        found = subjects.names().get(scope_id)
    if found is None:
        detail = f"There is no such {scope} in this workspace."
        raise Invalid(detail, errors=[FieldError("scope_id", "unknown", detail)])
    return found[:160]


_WHOSE = {
    Budget.Scope.WORKSPACE: None,
    Budget.Scope.PROJECT: "run__project_id",
    Budget.Scope.CREW: "run__subject_id",
    Budget.Scope.RUN: "run_id",
}


def _spent_so_far(budget: Budget) -> dict[str, Any]:
    """What the calls of the present period used, for the columns of its account; the workspace's with those of its plays."""
    begins = rules.begins(budget.period)
    calls = ModelCall.objects.filter(cache_layer="", created_at__date__gte=begins)
    if whose := _WHOSE[Budget.Scope(budget.scope)]:
        calls = calls.filter(**{whose: budget.scope_id})
    found = calls.aggregate(
        usd=Sum("cost"), tokens=Sum(F("prompt_tokens") + F("completion_tokens")), model_calls=Count("id")
    )
    used = {f"{name}_used": value or 0 for name, value in found.items()}
    return used if whose else _with_others(used, begins)


def _with_others(used: dict[str, Any], begins: date) -> dict[str, Any]:
    """What was asked besides runs falls under the workspace's budgets alone."""
    start = datetime.combine(begins, time.min, tzinfo=UTC)
    for each in books.besides("day", start, timezone.now()):
        used["usd_used"] += each.cost
        used["tokens_used"] += each.total_tokens
        used["model_calls_used"] += each.model_calls
    return used


def _is_past_mark(account: Account) -> bool:
    limits, used = account.limits, account.used
    return any(words.share_of(getattr(used, name), getattr(limits, name)) >= account.warn_at for name in limits.bound)


def _told(budget: Budget) -> dict[str, Any]:
    bounds = {name: str(getattr(budget, name)) for name in budget.limits.bound}
    return {"scope": budget.scope, "period": budget.period, "at_limit": budget.at_limit, **bounds}
