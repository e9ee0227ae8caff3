"""How many requests a caller may make, and how every answer says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest
from django.test import Client
from pytest_django import Settings

from tenants.api import limits
from tenants.models import User
from tests.conftest import ApiOf

T = TypeVar("T")
ME = "/api/v1/users/me/"
MEMBERS = "/w/acme/api/v1/members/"
LISTINGS = "/api/v1/marketplace/listings/"


@pytest.fixture(autouse=True)
def _few(settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 5
    settings.API_ANONYMOUS_REQUESTS_PER_MINUTE = 3


def in_one_minute(ask: Callable[[], T]) -> T:
    """What is found; asked anew where a minute ends meanwhile, as the counting begins anew with every minute."""
    while True:
        limits._redis().flushall()
        began = time.time() // 60
        found = ask()
        if time.time() // 60 == began:
            return found


def left(answer: object) -> tuple[int, str, str]:
    return answer.status_code, answer["RateLimit-Limit"], answer["RateLimit-Remaining"]  # type: ignore[attr-defined,index]


def test_every_answer_counts_down_and_the_last_is_a_429(api_of: ApiOf, alice: User) -> None:
    api = api_of(alice)
    paths = (ME, MEMBERS, ME, "/w/globex/api/v1/members/", ME, ME)
    found, refused = in_one_minute(lambda: ([left(api.get(path)) for path in paths], api.get(ME)))
    assert found == [
        (200, "5", "4"),
        (200, "5", "3"),
        (200, "5", "2"),
        (404, "5", "1"),
        (200, "5", "0"),
        (429, "5", "0"),
    ]
    assert refused.json()["code"] == "rate_limited"
    assert refused["Retry-After"] == refused["RateLimit-Reset"]
    assert 0 < int(refused["Retry-After"]) <= 60


def test_one_person_s_requests_are_not_another_s(api_of: ApiOf, alice: User, victor: User) -> None:
    asked = [alice] * 6 + [victor]
    found = in_one_minute(lambda: [api_of(person).get(ME).status_code for person in asked])
    assert found == [200] * 5 + [429, 200]


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer gh_00000000_nonsense"])
def test_wrong_proofs_count_against_the_address(db: None, header: str) -> None:
    proof = {"Authorization": header}
    found = in_one_minute(lambda: [Client().get(MEMBERS, headers=proof).status_code for _ in range(4)])
    assert found == [401, 401, 401, 429]


def test_an_address_cannot_be_made_up_but_a_proxy_of_ours_is_believed(settings: Settings, db: None) -> None:
    def ask(passed: str) -> list[int]:
        def four() -> list[int]:
            headers = [{"X-Forwarded-For": passed.format(n)} for n in range(4)]
            return [Client().get(ME, headers=each).status_code for each in headers]

        return in_one_minute(four)

    assert ask("203.0.113.{}") == [401, 401, 401, 429]
    settings.TRUSTED_PROXIES = 1
    assert ask("203.0.113.{}") == [401, 401, 401, 401]
    assert ask("198.51.100.{}, 203.0.113.9") == [401, 401, 401, 429]
    assert ask("2001:db8::{}") == [401, 401, 401, 429]
