"""Budgets and usage through the API."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from agents.services import create_crew
from projects.budgets.models import Account, Budget
from projects.models import ModelCall, Run
from tenants.access import Member
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.budgets.conftest import API, a_budget, account_of
from tests.conftest import ApiOf
from tests.projects.runs import a_run
from tests.runtimes.stage import agent, crew, task

BUDGETS, USAGE = f"{API}budgets/", f"{API}usage/"
MONTHLY = {"scope": "workspace", "usd": 10, "tokens": 1_000_000}


def a_call(run: Run, **given: Any) -> ModelCall:
    number = ModelCall.objects.filter(run=run).count() + 1
    kept = {"key": f"t/a/m{number}", "task": "t", "agent": "writer", "request_hash": "x", "request": {}, "reply": {}}
    used = {
        "provider": "openai",
        "model": "gpt-5",
        "prompt_tokens": 100,
        "completion_tokens": 10,
        "cost": Decimal("0.5"),
    }
    return ModelCall.objects.create(run=run, **(kept | used | given))


def test_an_admin_sets_one(api: APIClient, in_acme: Tenant, alice: User) -> None:
    answer = api.post(BUDGETS, MONTHLY)
    assert answer.status_code == 201, answer.data
    assert {
        name: answer.data[name] for name in ("scope", "scope_id", "period", "usd", "tokens", "at_limit", "warn_at")
    } == {
        "scope": "workspace",
        "scope_id": None,
        "period": "month",
        "usd": Decimal("10.000000"),
        "tokens": 1_000_000,
        "at_limit": "stop",
        "warn_at": 80,
    }
    assert answer.data["present"] == {
        "usd": {"used": 0.0, "reserved": 0.0, "limit": 10.0},
        "tokens": {"used": 0, "reserved": 0, "limit": 1_000_000},
    }
    assert AuditEntry.objects.get(action="budget.created").by_id == alice.pk


def test_what_was_spent_in_the_period_counts_from_the_beginning(
    api: APIClient, in_acme: Tenant, alice_at_acme: Member
) -> None:
    run = a_run(alice_at_acme)
    a_call(run)
    a_call(run, cache_layer="redis")
    old = a_call(run)
    ModelCall.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=40))
    monthly = api.post(BUDGETS, MONTHLY).data["present"]
    total = api.post(BUDGETS, {**MONTHLY, "period": "total"}).data["present"]
    assert (monthly["usd"]["used"], monthly["tokens"]["used"]) == (0.5, 110)
    assert (total["usd"]["used"], total["tokens"]["used"]) == (1.0, 220)


def test_a_crew_s_budget_carries_its_name(api: APIClient, in_acme: Tenant, alice_at_acme: Member) -> None:
    made = create_crew(spec=crew(agent("writer"), task("t1", "writer")), by=alice_at_acme)
    answer = api.post(BUDGETS, {"scope": "crew", "scope_id": str(made.pk), "model_calls": 5})
    assert (answer.status_code, answer.data["scope_name"]) == (201, made.name)


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"scope": "workspace"}, "usd", "required"),
        ({"scope": "workspace", "usd": -1}, "usd", "min_value"),
        ({"scope": "project", "usd": 1}, "scope_id", "scope"),
        ({"scope": "workspace", "scope_id": "00000000-0000-7000-8000-000000000000", "usd": 1}, "scope_id", "scope"),
        ({"scope": "project", "scope_id": "00000000-0000-7000-8000-000000000000", "usd": 1}, "scope_id", "unknown"),
        ({"scope": "crew", "scope_id": "00000000-0000-7000-8000-000000000000", "usd": 1}, "scope_id", "unknown"),
        ({**MONTHLY, "warn_at": 101}, "warn_at", "max_value"),
        ({**MONTHLY, "used": 0}, "used", "unknown"),
    ],
)
def test_what_makes_no_sense_is_refused(
    api: APIClient, in_acme: Tenant, given: dict[str, Any], field: str, code: str
) -> None:
    answer = api.post(BUDGETS, given)
    assert answer.status_code == 400
    assert (field, code) in [(error["field"], error["code"]) for error in answer.data["errors"]]
    assert not Budget.objects.exists()


def test_two_of_one_kind_clash(api: APIClient, in_acme: Tenant) -> None:
    api.post(BUDGETS, MONTHLY)
    assert api.post(BUDGETS, MONTHLY).status_code == 409
    assert Budget.objects.count() == 1


def test_a_change_holds_at_once_and_its_etag_ignores_runs(
    api: APIClient, in_acme: Tenant, alice_at_acme: Member
) -> None:
    budget = a_budget(alice_at_acme, usd=Decimal(1))
    url = f"{BUDGETS}{budget.pk}/"
    etag = api.get(url)["ETag"]
    Account.objects.update(usd_used=Decimal("0.9"), warned_at=timezone.now())
    answer = api.patch(url, {"usd": 5}, headers={"If-Match": etag})
    assert (answer.status_code, answer.data["usd"]) == (200, Decimal("5.000000"))
    assert account_of(budget).usd_limit == 5
    assert account_of(budget).warned_at is None
    assert api.patch(url, {"usd": 6}, headers={"If-Match": etag}).status_code == 412
    assert api.patch(url, {"usd": None}).status_code == 400
    assert api.delete(url).status_code == 204
    assert not Account.objects.exists()


def test_who_may_only_look_changes_nothing(api_of: ApiOf, victor: User, in_acme: Tenant, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, usd=Decimal(1))
    client = api_of(victor)
    client.default_format = "json"
    assert client.get(BUDGETS).status_code == 200
    refused = [
        client.post(BUDGETS, {**MONTHLY, "period": "total"}),
        client.patch(f"{BUDGETS}{budget.pk}/", {"usd": 5}),
        client.delete(f"{BUDGETS}{budget.pk}/"),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert account_of(budget).usd_limit == 1


def test_usage_by_day_agent_and_model(api: APIClient, in_acme: Tenant, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    a_call(run)
    a_call(run, agent="editor", cost=Decimal("0.25"), model="gpt-5-mini")
    a_call(run, cache_layer="process", cost=Decimal("0.5"))
    today = datetime.now(UTC).date().isoformat()
    by_day = api.get(USAGE).data
    assert [line["key"] for line in by_day["results"]] == [today]
    assert by_day["total"] == {
        "key": "total",
        "label": "Total",
        "model_calls": 2,
        "cached_calls": 1,
        "prompt_tokens": 200,
        "completion_tokens": 20,
        "total_tokens": 220,
        "cost": Decimal("0.750000"),
    }
    by_model = api.get(f"{USAGE}?by=model").data["results"]
    assert [(line["key"], line["cost"]) for line in by_model] == [
        ("openai/gpt-5", Decimal("0.500000")),
        ("openai/gpt-5-mini", Decimal("0.250000")),
    ]
    assert [line["label"] for line in api.get(f"{USAGE}?by=agent").data["results"]] == ["writer", "editor"]
    assert [line["label"] for line in api.get(f"{USAGE}?by=crew").data["results"]] == ["Two steps"]
    assert [line["label"] for line in api.get(f"{USAGE}?by=project").data["results"]] == ["General"]
    assert api.get(f"{USAGE}?from=2020-01-01&to=2020-01-31").data["results"] == []


@pytest.mark.parametrize(
    "query", ["by=tenant", "from=yesterday", "from=2026-01-02&to=2026-01-01", "from=1999-01-01", "x=1"]
)
def test_a_wrong_question_about_usage_is_refused(api: APIClient, in_acme: Tenant, query: str) -> None:
    assert api.get(f"{USAGE}?{query}").status_code == 400


def test_a_spreadsheet_runs_nothing(api: APIClient, in_acme: Tenant, alice_at_acme: Member) -> None:
    for name in ('=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", " =1", 'with "quotes", and commas'):
        a_call(a_run(alice_at_acme), agent=name)
    answer = api.get(f"{USAGE}?by=agent", headers={"Accept": "text/csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="usage-by-agent-')
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0][:3] == ["key", "label", "model_calls"]
    assert sorted(row[1] for row in rows[1:]) == sorted(
        ['\'=HYPERLINK("http://x")', "'+1", "'-1", "'@SUM(A1)", "'\t=1", "' =1", 'with "quotes", and commas']
    )
