"""`Idempotency-Key`: the same request sent twice happens once."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.urls import include, path
from django.utils import timezone
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient

from projects.models import Project
from tenants.api import WorkspaceView
from tenants.context import enter
from tenants.errors import RateLimited, Unavailable
from tenants.models import Membership, Tenant, User
from tenants.workspace.models import RememberedRequest
from tests.conftest import ApiOf

PROJECTS = "/w/acme/api/v1/projects/"


def post(api: APIClient, key: str, name: str = "x", path: str = PROJECTS) -> Any:
    return api.post(path, {"name": name}, format="json", headers={"Idempotency-Key": key})


@pytest.fixture
def api(api_of: ApiOf, alice: User) -> APIClient:
    return api_of(alice)


def test_sent_again_it_is_answered_alike(api: APIClient, in_acme: Tenant) -> None:
    first, second = post(api, "k"), post(api, "k")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert ("Idempotency-Replayed" in first, second["Idempotency-Replayed"]) == (False, "true")
    assert Project.objects.count() == 1


def test_with_another_body_or_door_it_is_refused(api: APIClient, in_acme: Tenant) -> None:
    post(api, "k")
    for answer in (post(api, "k", name="y"), post(api, "k", path="/w/acme/api/v1/api-keys/")):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Project.objects.count() == 1


def test_a_refusal_is_remembered_and_leaves_nothing(api: APIClient, in_acme: Tenant) -> None:
    first, second = post(api, "k", name=""), post(api, "k", name="")
    assert (first.status_code, second.status_code, second["Idempotency-Replayed"]) == (400, 400, "true")
    assert first.json() == second.json()
    assert first["Content-Type"] == second["Content-Type"] == "application/problem+json"


def test_keys_are_one_s_own(
    api: APIClient, api_of: ApiOf, alice: User, acme: Tenant, globex: Tenant, in_acme: Tenant
) -> None:
    bob = User.objects.create_user("bob@acme.example")
    Membership.objects.create(user=bob, tenant=acme, role="operator")
    Membership.objects.create(user=alice, tenant=globex, role="operator")
    answers = [
        post(api, "k"),
        post(api_of(bob), "k", name="y"),
        post(api, "k", path=PROJECTS.replace("acme", "globex")),
    ]
    assert [a.status_code for a in answers] == [201] * 3
    assert len({a.json()["id"] for a in answers}) == 3


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tinside"])
def test_a_key_that_is_none(api: APIClient, in_acme: Tenant, key: str) -> None:
    answer = post(api, key)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert Project.objects.count() == 0


def test_after_a_day_a_key_is_new(api: APIClient, in_acme: Tenant) -> None:
    first = post(api, "k")
    RememberedRequest.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    again = post(api, "k", name="y")
    assert (again.status_code, again.json()["id"] != first.json()["id"]) == (201, True)


def test_strangers_leave_no_trace(api_of: ApiOf, mallory: User, in_acme: Tenant) -> None:
    assert post(api_of(mallory), "k").status_code == 404
    assert RememberedRequest.objects.count() == 0


class AmountView(WorkspaceView):
    """Answers with an amount of money; breaks, or is busy, when asked to."""

    broken: Exception | None = None

    def post(self, request: Request) -> Response:
        project = Project.objects.create(name="made")
        broken = type(self).broken
        if broken is not None:
            raise broken
        return Response({"id": project.pk, "cost": Decimal("0.25"), "at": project.created_at}, status=201)


urlpatterns = [path("api/v1/amounts/", AmountView.as_view()), path("", include("config.urls"))]


@pytest.fixture
def amounts(settings: Settings, api: APIClient) -> APIClient:
    settings.ROOT_URLCONF = __name__
    AmountView.broken = None
    return api


AMOUNTS = "/w/acme/api/v1/amounts/"


def test_an_amount_of_money_is_a_number_and_can_be_remembered(amounts: APIClient, in_acme: Tenant) -> None:
    first, second = post(amounts, "k", path=AMOUNTS), post(amounts, "k", path=AMOUNTS)
    assert first.json()["cost"] == 0.25
    assert first.json() == second.json()


@pytest.mark.parametrize("broken", [RateLimited("Slower.", retry_after=3), Unavailable("Not now.")])
def test_not_now_is_not_remembered(amounts: APIClient, in_acme: Tenant, broken: Exception) -> None:
    AmountView.broken = broken
    assert post(amounts, "k", path=AMOUNTS).status_code in {429, 503}
    assert (Project.objects.count(), RememberedRequest.objects.count()) == (0, 0)
    AmountView.broken = None
    assert post(amounts, "k", path=AMOUNTS).status_code == 201


def test_a_bug_leaves_neither_deed_nor_claim(amounts: APIClient, in_acme: Tenant) -> None:
    AmountView.broken = ZeroDivisionError()
    amounts.raise_request_exception = False
    assert post(amounts, "k", path=AMOUNTS).status_code == 500
    assert (Project.objects.count(), RememberedRequest.objects.count()) == (0, 0)


def test_many_at_once_make_one(fresh_db: None, api_of: ApiOf) -> None:
    clients = [api_of(User.objects.get(email="alice@acme.example")) for _ in range(12)]

    def send(client: APIClient) -> str:
        try:
            return str(post(client, "k").json()["id"])
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        answers = Counter(pool.map(send, clients))
    assert len(answers) == 1
    with enter("t_acme"):
        assert Project.objects.count() == 1


def test_while_the_first_is_not_done_a_second_is_told_so(fresh_db: None, api_of: ApiOf) -> None:
    api = api_of(User.objects.get(email="alice@acme.example"))
    claimed, done = threading.Event(), threading.Event()

    def hold() -> None:
        from django.db import transaction

        with enter("t_acme"), transaction.atomic():
            RememberedRequest.objects.create(user_id=alice_id, key="k", fingerprint="f")
            claimed.set()
            done.wait(120)
            transaction.set_rollback(True)
        connection.close()

    alice_id = User.objects.get(email="alice@acme.example").pk
    holder = threading.Thread(target=hold)
    holder.start()
    assert claimed.wait(120)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        answer = post(api, "k")
    finally:
        done.set()
        holder.join()
    assert (answer.status_code, answer.json()["code"]) == (409, "busy")
