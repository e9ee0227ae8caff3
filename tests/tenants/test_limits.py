"""How many requests a caller may make, and how every answer says so."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from pytest_django import Settings

from tenants.models import User
from tests.conftest import ApiOf

ME = "/api/v1/users/me/"
MEMBERS = "/w/acme/api/v1/members/"
LISTINGS = "/api/v1/marketplace/listings/"


@pytest.fixture(autouse=True)
def _few(settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 5
    settings.API_ANONYMOUS_REQUESTS_PER_MINUTE = 3
    until_next = 60 - time.time() % 60
    if until_next < 6:  # the counting starts anew with every minute
        time.sleep(until_next)


def left(answer: object) -> tuple[int, str, str]:
    return answer.status_code, answer["RateLimit-Limit"], answer["RateLimit-Remaining"]  # type: ignore[attr-defined,index]


def test_every_answer_counts_down_and_the_last_is_a_429(api_of: ApiOf, alice: User) -> None:
    api = api_of(alice)
    assert [left(api.get(path)) for path in (ME, MEMBERS, ME, "/w/globex/api/v1/members/", ME, ME)] == [
        (200, "5", "4"),
        (200, "5", "3"),
        (200, "5", "2"),
        (404, "5", "1"),
        (200, "5", "0"),
        (429, "5", "0"),
    ]
    refused = api.get(ME)
    assert refused.json()["code"] == "rate_limited"
    assert refused["Retry-After"] == refused["RateLimit-Reset"]
    assert 0 < int(refused["Retry-After"]) <= 60


def test_one_person_s_requests_are_not_another_s(api_of: ApiOf, alice: User, victor: User) -> None:
    for _ in range(6):
        last = api_of(alice).get(ME)
    assert (last.status_code, api_of(victor).get(ME).status_code) == (429, 200)


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer gh_00000000_nonsense"])
def test_wrong_proofs_count_against_the_address(db: None, header: str) -> None:
    answers = [Client().get(MEMBERS, headers={"Authorization": header}) for _ in range(4)]
    assert [a.status_code for a in answers] == [401, 401, 401, 429]


def test_an_address_cannot_be_made_up_but_a_proxy_of_ours_is_believed(settings: Settings, db: None) -> None:
    def ask(passed: str) -> int:
        return Client().get(ME, headers={"X-Forwarded-For": passed}).status_code

    assert [ask(f"203.0.113.{n}") for n in range(4)] == [401, 401, 401, 429]
    settings.TRUSTED_PROXIES = 1
    assert [ask(f"203.0.113.{n}") for n in range(4)] == [401, 401, 401, 401]
    assert [ask(f"198.51.100.{n}, 203.0.113.9") for n in range(4)] == [401, 401, 401, 429]
    assert [ask(f"2001:db8::{n}") for n in range(4)] == [401, 401, 401, 429]
