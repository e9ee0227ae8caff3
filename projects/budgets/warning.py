"""Telling people that a budget is nearly used: a row, a line of the log, a line of the run's story, a live message."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from projects import events
from projects.budgets import words
from projects.budgets.models import Account, BudgetWarning
from projects.events import line
from projects.realtime import publish
from tenants import audit


def warn(passed: Mapping[UUID, UUID | None]) -> None:
    """Note each account that passed its mark, in the caller's transaction; `passed` maps it to the run that did it."""
    if not passed:
        return
    found = Account.objects.filter(pk__in=passed).select_related("budget", "run").order_by("pk")
    warnings = [
        BudgetWarning(account=account, run_id=passed[account.pk], text=words.warning_of(account)) for account in found
    ]
    BudgetWarning.objects.bulk_create(warnings)
    for given in warnings:
        audit.record_own("budget.warning", given.account.budget or given.account.run, text=given.text)
    transaction.on_commit(partial(_tell, warnings), robust=True)


def _tell(warnings: list[BudgetWarning]) -> None:
    for given in warnings:
        told = {"account": str(given.account_id), "detail": given.text, **words.figures_of(given.account)}
        if given.run_id is not None:
            events.append(given.run_id, [line("budget.warning", **told)])
        publish(
            "notifications",
            {
                "type": "notification",
                "seq": None,
                "timestamp": timezone.now().isoformat(),
                "data": {"kind": "budget.warning", "id": str(given.pk), "run": _text(given.run_id), **told},
            },
        )


def _text(run_id: UUID | None) -> str | None:
    return None if run_id is None else str(run_id)
