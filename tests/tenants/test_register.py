"""`POST auth/register/`: who asks learns nothing about who has an account."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from tenants.models import User
from tests.cast import PASSWORD
from tests.tenants.hashing import CountingHasher

DOOR = "/api/v1/auth/register/"
TOKEN = "/api/v1/auth/token/"
GOOD = "a kettle full of stars"


def register(email: str = "carol@acme.example", password: str = GOOD, **more: Any) -> Any:
    return Client().post(
        DOOR, {"email": email, "password": password, "name": "Carol", **more}, content_type="application/json"
    )


def test_a_new_person_can_sign_in(db: None) -> None:
    answer = register("Carol@Acme.Example")
    assert (answer.status_code, list(answer.json())) == (202, ["detail"])
    carol = User.objects.get(email="carol@acme.example")
    assert (carol.name, carol.is_staff, carol.is_superuser) == ("Carol", False, False)
    signed_in = Client().post(TOKEN, {"email": "carol@acme.example", "password": GOOD}, content_type="application/json")
    assert (signed_in.status_code, sorted(signed_in.json())) == (200, ["access", "refresh"])


@pytest.mark.parametrize("spelling", ["alice@acme.example", "ALICE@ACME.EXAMPLE", " alice@acme.example "])
def test_a_known_address_is_answered_like_a_new_one(settings: Settings, alice: User, spelling: str) -> None:
    settings.PASSWORD_HASHERS = [f"{CountingHasher.__module__}.CountingHasher"]
    CountingHasher.done = 0
    new, work_for_new = register(), CountingHasher.done
    CountingHasher.done = 0
    known, work_for_known = register(spelling), CountingHasher.done
    assert (known.status_code, known.content) == (new.status_code, new.content)
    assert work_for_known == work_for_new == 1
    alice.refresh_from_db()
    assert (alice.name, alice.check_password(PASSWORD)) == ("Alice Archer", True)
    assert User.objects.filter(email__iexact="alice@acme.example").count() == 1


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("password123", "password_too_common"),
        ("carol@acme.example", "password_too_similar"),
    ],
)
@pytest.mark.parametrize("email", ["carol@acme.example", "alice@acme.example"])
def test_a_weak_password_is_refused_whoever_it_is_for(db: None, email: str, password: str, code: str) -> None:
    answer = register(email, password.replace("carol", email.partition("@")[0]))
    assert answer.status_code == 400
    assert {(e["field"], e["code"]) for e in answer.json()["errors"]} >= {("password", code)}
    assert not User.objects.filter(email="carol@acme.example").exists()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a" * 250 + "@acme.example"}, "email"),
        ({"name": "x" * 121}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"password": "x" * 257}, "password"),
        ({"is_staff": True}, "is_staff"),
        ({"id": "0197a4e0-0000-7000-8000-000000000000"}, "id"),
    ],
)
def test_what_is_not_right_is_named_and_nobody_made(db: None, sent: dict[str, Any], field: str) -> None:
    before = User.objects.count()
    answer = register(**sent)
    assert answer.status_code == 400
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert User.objects.count() == before


def test_where_mail_is_sent_both_get_one_and_only_a_confirmed_address_signs_in(settings: Settings, alice: User) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    new, known = register(), register("alice@acme.example")
    assert (known.status_code, known.content) == (new.status_code, new.content)
    assert [message.to for message in mail.outbox] == [["carol@acme.example"], ["alice@acme.example"]]

    credentials = {"email": "carol@acme.example", "password": GOOD}
    refused = Client().post(TOKEN, credentials, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "unconfirmed")
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))
    assert link
    assert "confirm-email" not in mail.outbox[1].body
    Client().post(link.group(1))
    assert Client().post(TOKEN, credentials, content_type="application/json").status_code == 200


def test_an_account_s_mailbox_is_not_flooded(db: None) -> None:
    for _ in range(5):
        assert register().status_code == 202
    answer = register()
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 0 < int(answer["Retry-After"]) <= 3600
