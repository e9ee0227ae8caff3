"""Trying a sample before installing: no account, no workspace, a link that nobody guesses."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from marketplace.models import Listing, ListingVersion
from marketplace.publishing.services.builtin import CATALOGUE, publish_builtin
from marketplace.sandbox import trying
from marketplace.sandbox.models import Trial
from projects.models import Run
from tenants.context import enter
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.sandbox.conftest import work

SAMPLE = "/market/guildhall/schelling-segregation/sample/"


@pytest.fixture
def db(fresh_db: None) -> None:
    """The runner's threads have connections of their own, so everything here is really committed."""


@pytest.fixture
def segregation(db: None) -> ListingVersion:
    return publish_builtin(path=CATALOGUE / "schelling-segregation.yaml")


def test_a_stranger_tries_and_sees_steps_time_and_cost(segregation: ListingVersion, sandbox: Tenant) -> None:
    stranger = Client()
    page = stranger.get(SAMPLE)
    assert page.status_code == 200
    assert "Try it before you install it" in page.content.decode()
    started = stranger.post(SAMPLE, {"preset": "mild"})
    assert started.status_code == 302, started.content.decode()
    waiting = stranger.get(started["Location"])
    assert (waiting.status_code, waiting["Refresh"], waiting["Cache-Control"]) == (200, "3", "private, no-store")
    assert waiting["X-Robots-Tag"].startswith("noindex")
    work()
    done = stranger.get(started["Location"])
    told = done.content.decode()
    assert "Refresh" not in done.headers
    assert re.search(r"Similarity</dt>\s*<dd[^>]*>\s*0\.\d+", told), told
    assert "$0.00" in told
    assert Trial.objects.get().link_digest not in started["Location"]
    assert stranger.get(f"/trials/{'x' * 32}/").status_code == 404
    with enter(sandbox.schema_name):
        assert not Run.objects.exists()


def test_limits_by_address_and_in_total(segregation: ListingVersion, settings: Settings) -> None:
    settings.TRIALS_PER_ADDRESS = 1
    assert Client().post(SAMPLE, {"preset": ""}, REMOTE_ADDR="192.0.2.1").status_code == 302
    refused = Client().post(SAMPLE, {"preset": ""}, REMOTE_ADDR="192.0.2.1")
    assert refused.status_code == 429
    settings.TRIALS_IN_TOTAL = 2
    assert Client().post(SAMPLE, {"preset": ""}, REMOTE_ADDR="192.0.2.2").status_code == 302
    assert Client().post(SAMPLE, {"preset": ""}, REMOTE_ADDR="192.0.2.3").status_code == 429
    assert Trial.objects.count() == 2
    assert Client().post(SAMPLE, {"preset": "no-such"}).status_code == 422


def test_the_sandbox_is_nobodys(sandbox: Tenant, client_of: ClientOf, alice: User, moderator: User) -> None:
    for person in (alice, moderator):
        assert client_of(person).get("/w/guildhall-sandbox/").status_code == 404
        assert client_of(person).get("/w/guildhall-sandbox/api/v1/runs/").status_code == 404
    taken = client_of(alice).post("/workspaces/new/", {"name": "Mine", "slug": "guildhall-sandbox"})
    assert taken.status_code != 302
    assert Tenant.objects.filter(slug="guildhall-sandbox").count() == 1


def test_old_trials_are_forgotten(segregation: ListingVersion, sandbox: Tenant) -> None:
    Client().post(SAMPLE, {"preset": ""})
    Trial.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert trying.forget_old() == 1
    assert not Trial.objects.exists()


def test_with_the_operators_models_people_sign_in_first(segregation: ListingVersion, settings: Settings) -> None:
    settings.SANDBOX_MODELS = "operator"
    answer = Client().post(SAMPLE, {"preset": ""})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    assert not Trial.objects.exists()
    assert Listing.objects.count() == 1
