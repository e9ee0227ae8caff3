"""Keeping errors: with the ledger's commits inside runs, at once outside of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self
from uuid import UUID

from django.db import transaction

from projects import metrics
from projects.faults.classifying import classify
from projects.faults.models import Category, Fault
from tenants.requests import request_id


@dataclass(frozen=True, slots=True)
class Noted:
    """An error before it is stored. `how` says what put it right; empty where nothing did."""

    category: Category
    code: str
    detail: str
    run: UUID | None = None
    agent: str = ""
    task: str = ""
    request: str = ""
    how: str = ""

    @classmethod
    def store(cls, entries: Sequence[Self], /) -> None:
        """For the ledger: store what its runs noted, in its transaction. One statement."""
        store(entries)


def note(
    error: BaseException, *, run: UUID | None = None, agent: str = "", task: str = "", how: str = "", request: str = ""
) -> Noted:
    """What is to be kept of `error`, classified and without secrets."""
    category, code, detail = classify(error)
    return Noted(category, code, detail, run, agent[:120], task[:120], request[:64], how)


def store(entries: Sequence[Noted]) -> None:
    """Store in the caller's transaction; counted for the operator after its commit."""
    Fault.objects.bulk_create(
        Fault(
            run_id=each.run,
            agent=each.agent,
            task=each.task,
            request_id=each.request or request_id(),
            category=each.category,
            code=each.code,
            detail=each.detail,
            recovered=bool(each.how),
            how=each.how,
        )
        for each in entries
    )
    transaction.on_commit(partial(count, entries), robust=True)


def count(entries: Sequence[Noted]) -> None:
    """Count without storing, where there is no workspace to store in."""
    for (category, is_recovered), number in Counter((each.category, bool(each.how)) for each in entries).items():
        metrics.ERRORS.labels(category, "true" if is_recovered else "false").inc(number)
