"""A run at work that has asked something, without a worker around it."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.asking import worker
from projects.asking.words import Ask
from projects.models import Question, Run
from tenants.access import Member
from tenants.models import Membership, Tenant, User
from tests import cast
from tests.conftest import ApiOf
from tests.projects.runs import a_run

FENCE = 1
API = "/w/acme/api/v1/"


@pytest.fixture
def api(api_of: ApiOf, alice: User, in_acme: Tenant) -> APIClient:
    return sending_json(api_of(alice))


@pytest.fixture
def victors(api_of: ApiOf, victor: User, in_acme: Tenant) -> APIClient:
    """Victor may only look."""
    return sending_json(api_of(victor))


@pytest.fixture
def victor_here(in_acme: Tenant, victor: User) -> Membership:
    return Membership.objects.get(user=victor, tenant=cast.workspace("acme"))


@pytest.fixture
def run(in_acme: Tenant, alice_at_acme: Member) -> Run:
    """At work, as its worker sees it."""
    return at_work(a_run(alice_at_acme))


def at_work(run: Run) -> Run:
    run.status, run.fence = Run.Status.RUNNING, FENCE
    run.save(update_fields=["status", "fence"])
    return run


def asks(run: Run, **more: Any) -> Ask:
    return Ask(
        **{"key": "find/Reader/q1", "kind": "review", "text": "Is it right?", "task": "find", "draft": "42", **more}
    )


def waiting(run: Run, **more: Any) -> Question:
    """The run has asked and let go."""
    wanted = asks(run, **more)
    assert worker.ask(run.pk, wanted, fence=FENCE) is None
    assert worker.suspend(run.pk, fence=FENCE, keys=[wanted.key])
    run.refresh_from_db()
    return Question.objects.get(run=run, key=wanted.key)


def sending_json(client: APIClient) -> APIClient:
    client.default_format = "json"
    return client


def problem(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return answer.status_code, answer.json()["code"]
