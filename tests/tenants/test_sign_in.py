"""`POST auth/token/…`: getting in, staying in, getting out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tenants.models import SignIn, User
from tenants.proving import tokens
from tests.cast import PASSWORD
from tests.servers.waiting import wait_for
from tests.tenants.hashing import CountingHasher

TOKEN = "/api/v1/auth/token/"
ME = "/api/v1/users/me/"


def post(path: str, **sent: Any) -> Any:
    return Client().post(path, sent, content_type="application/json")


def sign_in(email: str = "alice@acme.example", password: str = PASSWORD, **more: str) -> Any:
    return post(TOKEN, email=email, password=password, **more)


def me(access: str) -> Any:
    return Client().get(ME, headers={"Authorization": f"Bearer {access}"})


def test_the_access_token_opens_one_s_own_account(alice: User) -> None:
    answer = sign_in("Alice@acme.example")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert me(answer.json()["access"]).json()["email"] == "alice@acme.example"


def test_unknown_wrong_and_closed_are_answered_alike_after_equal_work(
    settings: Settings, victor: User, alice: User
) -> None:
    settings.PASSWORD_HASHERS = [f"{CountingHasher.__module__}.CountingHasher"]
    victor.is_active = False
    victor.save()
    answers, work = [], []
    for email, password in [
        ("nobody@acme.example", PASSWORD),
        ("alice@acme.example", "not her password"),
        ("victor@acme.example", "not his password"),
        ("victor@acme.example", PASSWORD),
    ]:
        CountingHasher.done = 0
        answers.append(sign_in(email, password))
        work.append(CountingHasher.done)
    assert {(a.status_code, a.content) for a in answers} == {(401, answers[0].content)}
    assert answers[0].json()["code"] == "wrong_credentials"
    assert answers[0]["WWW-Authenticate"] == 'Bearer realm="guildhall"'
    assert work == [2, 2, 2, 2]
    assert SignIn.objects.count() == 0


def test_five_wrong_passwords_close_the_account_to_guessing_here_and_on_the_site(alice: User) -> None:
    for _ in range(5):
        assert sign_in(password="wrong").status_code == 401
    refused = sign_in()
    assert (refused.status_code, refused["Retry-After"]) == (429, "300")
    page = Client().post("/accounts/login/", {"login": "alice@acme.example", "password": PASSWORD})
    assert "_auth_user_id" not in page.client.session
    assert b"Too many failed login attempts" in page.content


def test_ten_wrong_guesses_from_one_address_close_it_for_all_accounts(alice: User, victor: User) -> None:
    for number in range(10):
        assert sign_in(f"guess{number}@acme.example").status_code == 401
    assert sign_in("victor@acme.example").status_code == 429
    spoofed = Client().post(
        TOKEN,
        {"email": "victor@acme.example", "password": PASSWORD},
        content_type="application/json",
        headers={"X-Forwarded-For": "203.0.113.9"},
    )
    assert spoofed.status_code == 429


def test_a_refresh_token_works_once_and_shown_again_ends_everything(alice: User) -> None:
    first = sign_in().json()
    second = post(TOKEN + "refresh/", refresh=first["refresh"]).json()
    assert me(second["access"]).status_code == 200
    again = post(TOKEN + "refresh/", refresh=first["refresh"])
    assert (again.status_code, again.json()["code"]) == (401, "not_signed_in")
    assert [me(pair["access"]).status_code for pair in (first, second)] == [401, 401]
    assert post(TOKEN + "refresh/", refresh=second["refresh"]).status_code == 401


def test_revoking_ends_both_tokens_and_unknown_ones_are_answered_alike(alice: User) -> None:
    pair = sign_in().json()
    other = sign_in().json()
    assert post(TOKEN + "revoke/", refresh=pair["refresh"]).status_code == 204
    assert post(TOKEN + "revoke/", refresh="of somebody else").status_code == 204
    assert me(pair["access"]).status_code == 401
    assert post(TOKEN + "refresh/", refresh=pair["refresh"]).status_code == 401
    assert me(other["access"]).status_code == 200


@pytest.mark.parametrize("change", ["password", "closed", "deleted"])
def test_what_changes_about_a_person_ends_their_tokens_at_once(alice: User, change: str) -> None:
    pair = sign_in().json()
    if change == "deleted":
        alice.delete()
    else:
        alice.set_password("another good one") if change == "password" else setattr(alice, "is_active", False)
        alice.save()
    assert me(pair["access"]).status_code == 401
    assert post(TOKEN + "refresh/", refresh=pair["refresh"]).status_code == 401


def forged(access: str) -> dict[str, str]:
    """Tokens that look like one of ours."""
    claims = jwt.decode(access, options={"verify_signature": False})
    key, now = tokens._key(), int(time.time())
    head, body, mark = access.split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()

    def signed(**changes: Any) -> str:
        return jwt.encode({**claims, **changes}, key, algorithm="HS256")

    return {
        "unsigned": f"{none}.{body}.",
        "without its signature": f"{head}.{body}.",
        "with another's signature": jwt.encode(claims, b"x" * 32, algorithm="HS256"),
        "with another algorithm": jwt.encode(claims, key * 2, algorithm="HS512"),
        "expired a second ago": signed(exp=now - 1),
        "not yet good": signed(nbf=now + 60),
        "of another issuer": signed(iss="elsewhere"),
        "for another audience": signed(aud="elsewhere"),
        "as a refresh token": signed(use="refresh"),
        "of another person": signed(sub="0197a4e0-0000-7000-8000-000000000000"),
        "of no sign-in": signed(fam="0197a4e0-0000-7000-8000-000000000000"),
        "with another password's mark": signed(pwd="0" * 16),
        "with a path as its key": jwt.encode(claims, b"\n", algorithm="HS256", headers={"kid": "../../dev/null"}),
        "with SQL": "' OR 1=1 --",
        "empty": "..",
        "signature changed": f"{head}.{body}.{mark[::-1]}",
    }


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
def test_no_forged_token_opens_anything(alice: User) -> None:
    good = sign_in().json()["access"]
    assert {name: me(token).status_code for name, token in forged(good).items()} == dict.fromkeys(forged(good), 401)
    assert me(good).status_code == 200


def test_access_and_refresh_are_not_swapped(alice: User) -> None:
    pair = sign_in().json()
    assert me(pair["refresh"]).status_code == 401
    assert post(TOKEN + "refresh/", refresh=pair["access"]).status_code == 401
    assert Client().get(f"{ME}?access_token={pair['access']}").status_code == 401


def test_a_stale_token_in_the_header_does_not_keep_anybody_out(alice: User) -> None:
    answer = Client().post(
        TOKEN,
        {"email": "alice@acme.example", "password": PASSWORD},
        content_type="application/json",
        headers={"Authorization": "Bearer stale"},
    )
    assert answer.status_code == 200


def test_with_a_second_factor_a_password_is_not_enough(alice: User) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(alice, secret)
    for code in ("", "000000"):
        answer = sign_in(code=code)
        assert (answer.status_code, answer.json()["code"]) == (401, "second_factor")
    assert SignIn.objects.count() == 0
    now = six_digits(secret)
    assert sign_in(code=now).status_code == 200
    assert sign_in(code=now).status_code == 401  # a code works once


def six_digits(secret: str) -> str:
    """RFC 6238, as an authenticator app computes it."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def test_ended_sign_ins_are_swept_up(alice: User) -> None:
    sign_in()
    SignIn.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    sign_in()
    assert SignIn.objects.count() == 1


def test_one_that_was_good_is_worth_nothing_once_it_has_expired(alice: User) -> None:
    claims = jwt.decode(sign_in().json()["access"], options={"verify_signature": False})
    for seconds in (2, 10, 60):  # as many as the machine needs for one request
        ends = int(time.time()) + seconds
        short = jwt.encode({**claims, "exp": ends}, tokens._key(), algorithm="HS256")
        was_good = me(short).status_code == 200
        if was_good:
            break
    assert was_good
    wait_for(lambda: time.time() > ends)
    assert me(short).status_code == 401
