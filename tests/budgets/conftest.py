"""Budgets at Acme, and runs under a real lease that spend them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from projects.budgets import services
from projects.budgets.amounts import Ceiling, Limits
from projects.budgets.models import Account, Budget
from projects.budgets.purse import Purse
from projects.budgets.rules import Bounded
from projects.budgets.spending import Caller
from projects.models import Run
from projects.work import leases
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.models import Tenant, User
from tests.conftest import ApiOf
from tests.projects.runs import a_run

API = "/w/acme/api/v1/"
CALL = Ceiling(100, 100, Decimal(10), Decimal(10))  # at most 200 tokens and $0.002


@pytest.fixture
def api(api_of: ApiOf, alice: User, acme: Tenant) -> APIClient:
    client = api_of(alice)
    client.default_format = "json"
    return client


def a_budget(by: Member, **given: Any) -> Budget:
    bounds = {"scope": Budget.Scope.WORKSPACE, "scope_id": None, "period": Budget.Period.MONTH, **given}
    return services.create_budget(**bounds, by=by)


def bounded_by(run: Run, *, fence: int, **more: Any) -> Bounded:
    caller = Caller(run.kind, run.pk, fence)
    return replace(Bounded("t_acme", caller, project=run.project_id, subject=run.subject_id), **more)


def leased(by: Member) -> tuple[Run, leases.Lease]:
    """A run that this process works on."""
    run = a_run(by)
    with enter(PUBLIC):
        lease = leases.claim(["crews"])
    assert lease is not None
    assert lease.object_id == run.pk
    return run, lease


def a_purse(by: Member, **more: Any) -> Purse:
    run, lease = leased(by)
    return Purse(bounded_by(run, fence=lease.fence, **more))


def dollars(text: str) -> Limits:
    return Limits(usd=Decimal(text))


def account_of(budget: Budget) -> Account:
    return Account.objects.get(budget=budget)


def only(ids: tuple[UUID, ...]) -> UUID:
    (found,) = ids
    return found
