"""Sending a version in over HTTP, and the way that it goes through checks, sandbox and queue."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation.models import Decision, ReviewTask
from marketplace.publishing import execution
from marketplace.publishing.background import WORK
from marketplace.publishing.tasks import look_after
from marketplace.sandbox.models import EvaluationCase, EvaluationRun
from marketplace.sandbox.workplace import SLUG
from projects.work import leases
from projects.work.models import WorkItem
from tenants import resolving
from tenants.context import PUBLIC, enter
from tenants.models import Tenant, User
from tests.conftest import ApiOf, ClientOf
from tests.publishing.conftest import SUBMISSIONS, approved, described, json_client, sent, sent_back, work
from tests.publishing.manifests import plain

States = ListingVersion.ReviewState


def public_market(client_of: ClientOf, mallory: User) -> int:
    return client_of(mallory).get("/market/acme/quiet-town/").status_code


def test_for_everybody_a_person_reads_the_first_version(
    api: APIClient, moderator: User, client_of: ClientOf, mallory: User, acme: Tenant
) -> None:
    version = sent(api, plain())
    assert version.review_state == States.SUBMITTED
    assert Publisher.objects.get(tenant_id=acme.pk).namespace == "acme"
    work()
    told = api.get(f"{SUBMISSIONS}{version.pk}/").data
    assert told["state"] == "in_review", told
    assert (told["evaluation"]["passed"], told["evaluation"]["n"]) == (1, 1)
    assert told["due_at"] is not None
    assert [line["title"] for line in told["timeline"]] == ["Sent in", "Being checked", "Waiting for a reviewer"]
    task = ReviewTask.objects.get(version=version)
    assert (task.reasons, task.weight) == (["no_human_approval"], 30)
    assert public_market(client_of, mallory) == 404
    approved(version, moderator)
    version.refresh_from_db()
    assert (version.review_state, version.listing.current_version_id) == (States.PUBLISHED, version.pk)
    assert public_market(client_of, mallory) == 200
    assert api.get(f"{SUBMISSIONS}{version.pk}/").data["timeline"][-1]["title"] == "On the market"


def test_little_risk_of_a_known_publisher_needs_nobody(api: APIClient, moderator: User, acme: Tenant) -> None:
    first = sent(api, plain())
    work()
    approved(first, moderator)
    second = sent(api, described(plain(), version="1.0.1", description="A small town in which people move about."))
    work()
    second.refresh_from_db()
    assert second.review_state == States.PUBLISHED
    assert Decision.objects.get(version=second).source == Decision.Source.AUTOMATION
    assert ReviewTask.objects.get(version=second).kind == ReviewTask.Kind.RETRO
    assert second.listing.current_version_id == second.pk


def test_private_ones_skip_the_queue_and_not_the_checks(
    api: APIClient, client_of: ClientOf, mallory: User, acme: Tenant
) -> None:
    version = sent(api, plain(), "private")
    secret = described(plain(), name="leaky-town", description="Sign in with AKIAQ3EGRIVAKXCN5T2M and enjoy.")
    leaky = sent(api, secret, "private")
    work()
    version.refresh_from_db()
    leaky.refresh_from_db()
    assert (version.review_state, version.listing.visibility) == (States.PUBLISHED, "private")
    assert leaky.review_state == States.CHANGES_REQUESTED
    assert not ReviewTask.objects.exists()
    assert not EvaluationRun.objects.filter(version=leaky).exists()
    assert public_market(client_of, mallory) == 404
    told = api.get(f"{SUBMISSIONS}{leaky.pk}/").data
    decision = told["decisions"][0]
    assert decision["reason_codes"] == ["secret"]
    assert decision["appeal"].startswith("/appeals/")
    assert "metadata.description" in decision["evidence"][0]["path"]
    assert "CN5T2M" not in str(told["findings"]), "a secret is not repeated"


def test_what_was_sent_back_comes_again_under_its_number(api: APIClient, moderator: User, acme: Tenant) -> None:
    version = sent(api, plain())
    work()
    sent_back(version, moderator)
    mended = described(plain(), description="A small town; similarity is the share of equal neighbours.")
    again = sent(api, mended)
    assert (again.pk, again.review_state) == (version.pk, States.SUBMITTED)
    assert again.digest != version.digest
    work()
    sent_back(again, moderator)
    answer = api.post(f"{SUBMISSIONS}{version.pk}/answer/", {"text": "It says what they mean now."})
    assert (answer.status_code, answer.data["state"]) == (200, "submitted")
    told = api.get(f"{SUBMISSIONS}{version.pk}/").data["timeline"][-1]
    assert (told["who"], told["text"]) == ("Alice Archer", "It says what they mean now.")
    taken = api.post(f"{SUBMISSIONS}{version.pk}/withdraw/")
    assert (taken.status_code, taken.data["state"]) == (200, "withdrawn")
    work()
    version.refresh_from_db()
    assert version.review_state == States.WITHDRAWN
    assert api.post(SUBMISSIONS, {"manifest": mended}).data["code"] == "version_taken"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"namespace": "globex"}, "namespace"),
        ({"version": "one"}, "manifest"),
        ({"title": ""}, "manifest"),
    ],
)
def test_refused_manifests_name_the_place(api: APIClient, acme: Tenant, change: dict[str, Any], code: str) -> None:
    answer = api.post(SUBMISSIONS, {"manifest": described(plain(), **change)})
    assert (answer.status_code, answer.data["code"]) == (400, code)
    assert answer.data["errors"][0]["field"].startswith("metadata.")
    assert not ListingVersion.objects.exists()


def test_who_may_not_send_changes_nothing(
    api_of: ApiOf, api: APIClient, victor: User, mallory: User, acme: Tenant, settings: Settings
) -> None:
    assert json_client(api_of(victor)).post(SUBMISSIONS, {"manifest": plain()}).status_code == 403
    assert json_client(api_of(mallory)).post(SUBMISSIONS, {"manifest": plain()}).status_code == 404
    settings.MARKET_TWO_STEP = True
    refused = api.post(SUBMISSIONS, {"manifest": plain(), "visibility": "public"})
    assert (refused.status_code, refused.data["code"]) == (403, "two_step_needed")
    publisher = Publisher.objects.create(namespace="acme", display_name="Acme", tenant_id=acme.pk, standing="banned")
    assert api.post(SUBMISSIONS, {"manifest": plain()}).data["code"] == "publisher_banned"
    assert not Listing.objects.exists()
    settings.MARKET_TWO_STEP = False
    Publisher.objects.filter(pk=publisher.pk).update(standing="restricted")
    full = Listing.objects.create(publisher=publisher, slug="many", kind="scenario", category="other")
    ListingVersion.objects.bulk_create(
        ListingVersion(
            listing=full, semver=f"1.0.{n}", manifest={}, digest="", size=0, risk=1, submitted_at=timezone.now()
        )
        for n in range(3)
    )
    many = api.post(SUBMISSIONS, {"manifest": plain()})
    assert (many.status_code, int(many["Retry-After"]) > 86_000) == (429, True)
    assert Listing.objects.count() == 1


def test_numbers_say_how_much_changed(api: APIClient, acme: Tenant) -> None:
    version = sent(api, plain(), "private")
    assert api.post(SUBMISSIONS, {"manifest": described(plain(), version="1.1.0")}).data["code"] == "under_way"
    work()
    same = api.post(SUBMISSIONS, {"manifest": described(plain(), version="2.0.0")})
    assert (same.status_code, same.data["code"]) == (409, "nothing_new")
    hungry = plain(permissions=[*plain()["permissions"], {"kind": "schedule", "why": "Every morning."}])
    low = api.post(SUBMISSIONS, {"manifest": described(hungry, version="1.0.1")})
    assert (low.status_code, low.data["code"]) == (400, "version_too_low")
    assert "2.0.0" in low.data["detail"]
    assert version.listing.versions.count() == 1


def test_a_lost_worker_and_a_double_delivery_do_nothing_twice(api: APIClient, acme: Tenant) -> None:
    version = sent(api, plain())
    with enter(PUBLIC):
        lease = leases.claim(["default"])
    assert lease is not None
    leases._held.pop(lease.id)
    assert (lease.kind, lease.object_id) == (WORK, version.pk)
    for _ in range(3):  # a worker that died after each of these left exactly this behind
        with enter(lease.schema):
            assert execution.step(lease) == "queued"
    assert EvaluationCase.objects.count() == 1
    leases.end(lease, "queued")
    work()
    version.refresh_from_db()
    assert version.review_state == States.IN_REVIEW
    with enter(lease.schema):
        assert execution.step(lease) == "done"
    assert (ReviewTask.objects.count(), EvaluationRun.objects.count()) == (1, 1)


def test_without_the_sandbox_a_version_waits_and_goes_on_later(api: APIClient, acme: Tenant) -> None:
    version = sent(api, plain())
    Tenant.objects.filter(slug=SLUG).update(status="suspended")
    resolving.forget()
    work()
    version.refresh_from_db()
    assert version.review_state == States.SUBMITTED
    assert WorkItem.objects.get(kind=WORK).state == "failed"
    execution.give_up(version.pk, "Its worker died 3 times.")
    assert WorkItem.objects.get(kind=WORK).state == "queued"
    Tenant.objects.filter(slug=SLUG).update(status="active")
    resolving.forget()
    WorkItem.objects.filter(kind=WORK).update(state="failed")
    look_after()
    work()
    version.refresh_from_db()
    assert version.review_state == States.IN_REVIEW
