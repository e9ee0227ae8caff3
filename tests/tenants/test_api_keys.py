"""`api-keys/`: keys for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tenants.models import Membership, Tenant, User
from tenants.workspace.models import ApiKey, AuditEntry
from tests.conftest import ApiOf

DOOR = "/w/acme/api/v1/api-keys/"
MEMBERS = "/w/acme/api/v1/members/"


def make(api: APIClient, **sent: Any) -> Any:
    return api.post(DOOR, {"name": "nightly report", **sent}, format="json")


def program(key: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {key}"})


def test_a_key_is_shown_once_and_works(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    answer = make(api_of(alice))
    made = answer.json()
    assert (answer.status_code, made["role"], made["made_by"]) == (201, "operator", "alice@acme.example")
    assert made["key"].startswith(f"gh_{made['prefix']}_")
    days = ApiKey.objects.get().expires_at - timezone.now()
    assert timedelta(days=89, hours=23) < days < timedelta(days=90)
    assert program(made["key"]).get(MEMBERS).status_code == 200

    listed = api_of(alice).get(DOOR).json()["results"]
    assert [key["id"] for key in listed] == [made["id"]]
    assert "key" not in listed[0]
    secret = made["key"].rpartition("_")[2]
    assert secret not in repr(list(ApiKey.objects.values())) + repr(list(AuditEntry.objects.values()))


def test_a_key_does_at_most_what_its_role_allows(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    look = program(make(api_of(alice), role="viewer").json()["key"])
    assert look.get(MEMBERS).status_code == 200
    refused = look.post(MEMBERS, {"email": "mallory@globex.example", "role": "viewer"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert [look.get(path).status_code for path in (DOOR, "/w/acme/api/v1/audit/")] == [403, 403]


def test_a_key_does_at_most_what_its_maker_may_now(api_of: ApiOf, alice: User, acme: Tenant, in_acme: Tenant) -> None:
    bob = User.objects.create_user("bob@acme.example")
    membership = Membership.objects.create(user=bob, tenant=acme, role="admin")
    key = program(make(api_of(bob), role="admin").json()["key"])
    assert key.get(DOOR).status_code == 200
    Membership.objects.filter(pk=membership.pk).update(role="viewer")
    assert key.get(DOOR).status_code == 403


def test_nobody_makes_a_key_stronger_than_themselves(api_of: ApiOf, acme: Tenant, in_acme: Tenant) -> None:
    bob = User.objects.create_user("bob@acme.example")
    Membership.objects.create(user=bob, tenant=acme, role="admin")
    assert make(api_of(bob), role="owner").status_code == 403
    assert ApiKey.objects.count() == 0


def test_keys_make_no_keys(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    key = make(api_of(alice), role="owner").json()["key"]
    answer = make(program(key), role="viewer")
    assert (answer.status_code, answer.json()["code"]) == (403, "key_by_key")
    assert ApiKey.objects.count() == 1


def test_only_admins_see_and_make_keys(api_of: ApiOf, victor: User, in_acme: Tenant) -> None:
    assert (make(api_of(victor)).status_code, api_of(victor).get(DOOR).status_code) == (403, 403)
    assert ApiKey.objects.count() == 0


def test_a_revoked_key_ends_at_once_and_stays_listed(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    made = make(api_of(alice)).json()
    path = f"{DOOR}{made['id']}/"
    assert [api_of(alice).delete(path).status_code for _ in range(2)] == [204, 204]
    answer = program(made["key"]).get(MEMBERS)
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")
    assert api_of(alice).get(path).json()["revoked_at"] is not None
    assert AuditEntry.objects.filter(action="key.revoked").count() == 1


def test_an_expired_key_ends(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    made = make(api_of(alice), days=1).json()
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    assert program(made["key"]).get(MEMBERS).status_code == 401


def wrong_forms(key: str) -> list[str]:
    start, prefix, secret = key.split("_", 2)
    return [
        f"gh_{prefix}",
        f"gh_{prefix}_",
        key[:-1],
        key.swapcase(),
        f"gh_{prefix}_{secret[::-1]}",
        f"gh_{prefix}' OR 1=1 --_{secret}",
        f"gh_{prefix}%_{secret}",
        "gh_",
        "gh__",
        f"{start}_{'0' * 8}_{secret}",
    ]


def test_nothing_like_a_key_is_one(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    key = make(api_of(alice)).json()["key"]
    assert {form: program(form).get(MEMBERS).status_code for form in wrong_forms(key)} == dict.fromkeys(
        wrong_forms(key), 401
    )


def test_a_key_opens_no_other_workspace_and_nothing_public(
    api_of: ApiOf, alice: User, globex: Tenant, in_acme: Tenant
) -> None:
    Membership.objects.create(user=alice, tenant=globex, role="owner")
    key = make(api_of(alice), role="owner").json()["key"]
    assert program(key).get("/w/globex/api/v1/members/").status_code == 401
    assert program(key).get("/api/v1/users/me/").status_code == 401
    assert program(key).get("/w/nowhere/api/v1/members/").status_code == 401


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"role": "god"}, "role"),
        ({"user_id": "0197a4e0-0000-7000-8000-000000000000"}, "user_id"),
    ],
)
def test_what_is_not_right_is_named(
    api_of: ApiOf, alice: User, in_acme: Tenant, sent: dict[str, Any], field: str
) -> None:
    answer = make(api_of(alice), **sent)
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (400, [field])
    assert ApiKey.objects.count() == 0


def test_twenty_keys_are_enough(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    api = api_of(alice)
    for _ in range(20):
        assert make(api).status_code == 201
    answer = make(api)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many")
    api.delete(f"{DOOR}{ApiKey.objects.first().pk}/")  # type: ignore[union-attr]
    assert make(api).status_code == 201


def test_a_repeated_request_makes_one_key_and_keeps_no_secret(
    api_of: ApiOf, alice: User, in_acme: Tenant, django_assert_max_num_queries: Any
) -> None:
    api = api_of(alice)
    sent = {"name": "once"}, {"Idempotency-Key": "k-1"}
    first, second = (api.post(DOOR, sent[0], format="json", headers=sent[1]) for _ in range(2))
    assert ApiKey.objects.count() == 1
    assert (first.json()["id"], second["Idempotency-Replayed"]) == (second.json()["id"], "true")
    assert (first.json()["key"][:3], second.json()["key"]) == ("gh_", None)
