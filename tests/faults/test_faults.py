"""Errors of a workspace: kept, listed, shown; and how many of the disturbed runs came through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone
from prometheus_client import REGISTRY
from pytest_django import Settings
from rest_framework.test import APIClient

from projects.faults import noting, recovery
from projects.faults.models import Category, Fault, How
from projects.models import Run
from projects.work.models import WorkItem
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.errors import Forbidden
from tenants.models import Tenant, User
from tests import cast
from tests.conftest import ApiOf, ClientOf
from tests.projects.runs import a_run

SECRET = "sk-live-4242424242"
FAULTS = "/w/acme/api/v1/faults/"


@pytest.fixture
def api(api_of: ApiOf, alice: User, acme: Tenant) -> APIClient:
    return api_of(alice)


def a_fault(run: Run | None, category: Category = Category.PROVIDER, how: str = "") -> Fault:
    return Fault.objects.create(
        run=run, category=category, code="x", detail="It did not answer.", recovered=bool(how), how=how
    )


def ended(by: Member, status: str, *, days: int = 0) -> Run:
    run = a_run(by)
    Run.objects.filter(pk=run.pk).update(
        status=status, stop_detail="So.", finished_at=timezone.now() - timedelta(days=days)
    )
    return run


def test_what_is_noted_is_stored_and_counted(
    in_acme: Tenant, alice_at_acme: Member, django_capture_on_commit_callbacks: Any
) -> None:
    run = a_run(alice_at_acme)
    labels = {"category": "permission", "recovered": "true"}
    before = REGISTRY.get_sample_value("errors_total", labels) or 0.0
    noted = noting.note(Forbidden("You may not."), run=run.pk, agent="writer", task="t1", how=How.ASK)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        noting.Noted.store([noted, noted])
    fault = Fault.objects.filter(run=run).first()
    assert fault is not None
    assert (fault.category, fault.code, fault.detail) == ("permission", "forbidden", "You may not.")
    assert (fault.agent, fault.task, fault.recovered, fault.how) == ("writer", "t1", True, "ask")
    assert Fault.objects.count() == 2
    assert REGISTRY.get_sample_value("errors_total", labels) == before + 2


def broken(_: HttpRequest) -> HttpResponse:
    raise ValueError(SECRET)


urlpatterns = [path("broken/", broken)]
handler500 = "config.refusals.broken"


def test_a_request_that_broke_is_kept_with_its_number(fresh_db: None, client_of: ClientOf, settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    client = client_of(cast.person("alice"))
    client.raise_request_exception = False
    answer = client.get("/w/acme/broken/")
    assert answer.status_code == 500
    with enter("t_acme"):
        fault = Fault.objects.get()
    assert (fault.category, fault.code, fault.run_id) == ("internal", "unexpected", None)
    assert fault.request_id == answer["X-Request-Id"]
    assert SECRET not in fault.detail


def test_the_feed_can_be_narrowed(api: APIClient, in_acme: Tenant, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    a_fault(run, how=How.RETRY)
    a_fault(None, Category.DATA)
    everything = api.get(FAULTS).data["results"]
    assert [(each["category"], each["recovered"], each["how"]) for each in everything] == [
        ("data", False, ""),
        ("provider", True, "retry"),
    ]

    def found(query: str) -> list[str]:
        return [each["category"] for each in api.get(f"{FAULTS}?{query}").data["results"]]

    assert found("category=data") == ["data"]
    assert found("recovered=true") == ["provider"]
    assert found(f"run={run.pk}") == ["provider"]
    assert found("code=y") == []
    assert [api.get(f"{FAULTS}?{q}").status_code for q in ("category=x", "recovered=1", "run=x", "y=1")] == [400] * 4


def test_the_list_is_one_statement_for_many(api: APIClient, in_acme: Tenant, alice_at_acme: Member) -> None:
    for _ in range(3):
        a_fault(a_run(alice_at_acme))
    api.get(FAULTS)
    with CaptureQueriesContext(connection) as few:
        api.get(FAULTS)
    for _ in range(10):
        a_fault(a_run(alice_at_acme))
    with CaptureQueriesContext(connection) as many:
        api.get(FAULTS)
    assert len(many) == len(few)


def test_disturbed_runs_that_succeeded_are_recovered(in_acme: Tenant, alice_at_acme: Member) -> None:
    for status in ("succeeded", "succeeded", "failed", "cancelled"):
        a_fault(ended(alice_at_acme, status))
    a_fault(ended(alice_at_acme, "succeeded", days=3))
    a_fault(ended(alice_at_acme, "failed", days=40))
    a_fault(ended(alice_at_acme, "over_budget"), Category.BUDGET)  # a bound that was set is no disturbance
    ended(alice_at_acme, "failed")  # nothing disturbed it
    lost = ended(alice_at_acme, "succeeded")
    with enter(PUBLIC):
        WorkItem.objects.filter(object_id=lost.pk).update(crashes=1)
    found = recovery.of_workspace()
    assert (found.day, found.month) == ((4, 3), (5, 4))
    assert found.month.rate == 0.8
    assert recovery.Share(0, 0).rate is None


def test_the_platform_s_figure_is_of_all_workspaces(in_acme: Tenant, globex: Tenant, alice_at_acme: Member) -> None:
    a_fault(ended(alice_at_acme, "succeeded"))
    with enter(globex.schema_name):
        a_fault(ended(alice_at_acme, "failed"))
    with enter(PUBLIC):
        assert recovery.tally().day == (2, 1)
        assert recovery.latest().day == (2, 1)


def test_the_page_shows_them(client_of: ClientOf, alice: User, in_acme: Tenant, alice_at_acme: Member) -> None:
    run = ended(alice_at_acme, "succeeded")
    a_fault(run, how=How.FAILOVER)
    Fault.objects.create(category=Category.DATA, code="damaged", detail="<b>It is broken.</b>")
    page = " ".join(client_of(alice).get("/w/acme/settings/errors/").content.decode().split())
    assert "&lt;b&gt;It is broken.&lt;/b&gt;" in page
    assert "Another provider answered" in page
    assert "1 <small>of 1 disturbed run</small>" in page
    only = client_of(alice).get("/w/acme/settings/errors/?show=open&category=data").content.decode()
    assert "It did not answer." not in only
    assert client_of(alice).get("/w/acme/settings/errors/?show=x&category=y&page=-3").status_code == 200


def test_the_operator_s_page_shows_the_rate(
    client_of: ClientOf, moderator: User, in_acme: Tenant, alice_at_acme: Member
) -> None:
    a_fault(ended(alice_at_acme, "succeeded"))
    a_fault(ended(alice_at_acme, "failed"))
    with enter(PUBLIC):
        recovery.tally()
        page = " ".join(client_of(moderator).get("/admin/").content.decode().split())
    assert "Recovered by itself" in page
    assert "50 %" in page
