"""Keeping errors: with the ledger's commits inside runs, at once outside of them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Self
from uuid import UUID

from django.db import transaction

from projects import metrics
from projects.faults.classifying import classify
from projects.faults.models import Category, Fault
from projects.models import Run
from tenants.requests import request_id

log = logging.getLogger("guildhall.faults")


@dataclass(frozen=True, slots=True)
class Noted:
    """An error before it is stored. `how` says what put it right; empty where nothing did. `request` is its run's where it is not given."""

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
        """For the ledger: store what its runs noted, in its transaction. Two statements."""
        store(entries)


def note(
    error: BaseException, *, run: UUID | None = None, agent: str = "", task: str = "", how: str = "", request: str = ""
) -> Noted:
    """What is to be kept of `error`, classified and without secrets."""
    category, code, detail = classify(error)
    return Noted(category, code, detail, run, agent[:120], task[:120], request[:64], how)


def store(entries: Sequence[Noted]) -> None:
    """Store in the caller's transaction; counted for the operator, and told in the log, after its commit.

    A worker answers no request, so what disturbs a run carries the number of the request that started the run.
    """
    entries = _with_requests(entries)
    Fault.objects.bulk_create(
        Fault(
            run_id=each.run,
            agent=each.agent,
            task=each.task,
            request_id=each.request,
            category=each.category,
            code=each.code,
            detail=each.detail,
            recovered=bool(each.how),
            how=each.how,
        )
        for each in entries
    )
    transaction.on_commit(partial(_tell, entries), robust=True)


def _with_requests(entries: Sequence[Noted]) -> list[Noted]:
    runs = {each.run for each in entries if each.run and not each.request}
    began: dict[UUID | None, str] = {}
    if runs:
        began.update(Run.objects.filter(pk__in=runs).values_list("pk", "request_id"))
    return [replace(each, request=each.request or began.get(each.run, "") or request_id()) for each in entries]


def _tell(entries: Sequence[Noted]) -> None:
    for each in entries:
        log.log(
            logging.INFO if each.how else logging.WARNING,
            "%s (%s)%s: run %s, agent %s, request %s",
            each.category,
            each.code,
            f", put right by {each.how}" if each.how else "",
            each.run or "-",
            each.agent or "-",
            each.request or "-",
        )
    count(entries)


def count(entries: Sequence[Noted]) -> None:
    """Count without storing, where there is no workspace to store in."""
    for (category, is_recovered), number in Counter((each.category, bool(each.how)) for each in entries).items():
        metrics.ERRORS.labels(category, "true" if is_recovered else "false").inc(number)
