"""Alice's program at Acme, small manifests, and a worker for whatever waits."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from marketplace.models import ListingVersion
from marketplace.moderation.models import Decision, Policy, ReasonCode
from marketplace.moderation.services import decide
from marketplace.moderation.verdicts import Evidence, Verdict
from marketplace.publishing import execution
from marketplace.publishing.background import WORK
from projects.work import carrying, leases, tasks
from tenants.context import PUBLIC, enter
from tenants.models import Tenant, User
from tests.conftest import ApiOf

API = "/w/acme/api/v1/"
SUBMISSIONS = f"{API}submissions/"


@pytest.fixture
def api(api_of: ApiOf, alice: User, acme: Tenant) -> APIClient:
    return json_client(api_of(alice))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a second between two looks."""
    monkeypatch.setattr(execution, "LOOK_SECONDS", 0.0)


def json_client(client: APIClient) -> APIClient:
    client.default_format = "json"
    return client


def described(document: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """The document with other metadata."""
    return {**document, "metadata": {**document["metadata"], **metadata}}


def sent(api: APIClient, document: dict[str, Any], visibility: str = "public") -> ListingVersion:
    answer = api.post(SUBMISSIONS, {"manifest": document, "visibility": visibility})
    assert answer.status_code == 201, answer.data
    return ListingVersion.objects.get(pk=answer.data["id"])


def approved(version: ListingVersion, moderator: User) -> None:
    decide(version, verdict=Verdict(Decision.Action.APPROVE, reasoning="Well made."), by=moderator)


def sent_back(version: ListingVersion, moderator: User) -> None:
    verdict = Verdict(
        Decision.Action.REQUEST_CHANGES,
        reason_codes=(ReasonCode.QUALITY,),
        evidence=(Evidence(path="metadata.description", note="Too short."),),
        policy=Policy.objects.get(code="quality"),
        reasoning="Say what the measures mean.",
    )
    decide(version, verdict=verdict, by=moderator)


def work(*, most: int = 60) -> None:
    """Carry out what waits until nothing does; versions in this thread, which alone sees what the test has not committed."""
    for _ in range(most):
        with enter(PUBLIC):
            lease = leases.claim(["default", "simulations"])
            if lease is None:
                return
            leases._held.pop(lease.id)  # a heart's own connection would not see what the test has not committed
            if lease.kind != WORK or not carrying.is_active(lease.schema):
                tasks.carry_out(lease)
                continue
            with enter(lease.schema):
                ending = execution.step(lease)
            leases.end(lease, ending)
    raise AssertionError(f"After {most} things there is still something to do.")
