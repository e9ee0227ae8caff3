"""`members/`: who belongs to a workspace, and who may change that."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from tenants.context import enter
from tenants.models import Membership, Tenant, User
from tenants.proving.keys import new_key
from tenants.workspace.models import ApiKey, AuditEntry
from tests.conftest import ApiOf

DOOR = "/w/acme/api/v1/members/"


def of(user: User, acme: Tenant) -> Membership:
    return Membership.objects.get(user=user, tenant=acme)


def door(membership: Membership) -> str:
    return f"{DOOR}{membership.pk}/"


def make(acme: Tenant, nick: str, role: str) -> User:
    user = User.objects.create_user(f"{nick}@acme.example", name=nick.title())
    Membership.objects.create(user=user, tenant=acme, role=role)
    return user


@pytest.fixture
def bob(acme: Tenant) -> User:
    """An admin of Acme."""
    return make(acme, "bob", "admin")


def test_members_see_each_other(api_of: ApiOf, victor: User, alice: User, acme: Tenant) -> None:
    shown = api_of(victor).get(DOOR).json()["results"]
    assert [(m["email"], m["name"], m["role"]) for m in shown] == [
        ("victor@acme.example", "Victor Vale", "viewer"),
        ("alice@acme.example", "Alice Archer", "owner"),
    ]
    assert api_of(victor).get(door(of(alice, acme))).json() == shown[1]


def test_the_list_needs_a_fixed_number_of_queries(
    api_of: ApiOf, alice: User, acme: Tenant, django_assert_num_queries: Any
) -> None:
    for number in range(20):
        make(acme, f"person{number}", "viewer")
    api = api_of(alice)
    api.get(DOOR)
    with django_assert_num_queries(2):  # who asks, list
        assert len(api.get(DOOR).json()["results"]) == 22


def test_an_admin_adds_somebody_who_has_an_account(api_of: ApiOf, bob: User, mallory: User, acme: Tenant) -> None:
    answer = api_of(bob).post(DOOR, {"email": "Mallory@Globex.Example", "role": "operator"}, format="json")
    assert (answer.status_code, answer.json()["role"]) == (201, "operator")
    assert of(mallory, acme).role == "operator"
    again = api_of(bob).post(DOOR, {"email": "mallory@globex.example", "role": "viewer"}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_member")
    assert of(mallory, acme).role == "operator"
    with enter(acme.schema_name):
        entry = AuditEntry.objects.get(action="member.added")
        assert (entry.by_name, entry.target_name, entry.detail) == (
            "Bob",
            "mallory@globex.example",
            {"role": "operator"},
        )


def test_nobody_is_added_without_an_account(api_of: ApiOf, alice: User) -> None:
    answer = api_of(alice).post(DOOR, {"email": "nobody@acme.example", "role": "viewer"}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "email")


def deeds(api: APIClient, other: Membership) -> dict[str, int]:
    return {
        "add": api.post(DOOR, {"email": "mallory@globex.example", "role": "viewer"}, format="json").status_code,
        "change": api.patch(door(other), {"role": "operator"}, format="json").status_code,
        "remove": api.delete(door(other)).status_code,
    }


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_others_change_nothing(api_of: ApiOf, acme: Tenant, alice: User, role: str) -> None:
    asker, other = make(acme, "carol", role), of(make(acme, "dan", "viewer"), acme)
    before = list(Membership.objects.order_by("pk").values_list("pk", "role"))
    assert deeds(api_of(asker), other) == {"add": 403, "change": 403, "remove": 403}
    assert list(Membership.objects.order_by("pk").values_list("pk", "role")) == before


def test_only_owners_name_and_unname_owners(api_of: ApiOf, bob: User, alice: User, acme: Tenant) -> None:
    admin, owner = api_of(bob), api_of(alice)
    for path in (door(of(bob, acme)), door(of(alice, acme))):
        assert admin.patch(path, {"role": "owner"}, format="json").status_code == 403
    assert admin.patch(door(of(alice, acme)), {"role": "viewer"}, format="json").status_code == 403
    assert admin.delete(door(of(alice, acme))).status_code == 403
    assert admin.post(DOOR, {"email": "mallory@globex.example", "role": "owner"}, format="json").status_code == 403
    assert [of(alice, acme).role, of(bob, acme).role] == ["owner", "admin"]
    assert owner.patch(door(of(bob, acme)), {"role": "owner"}, format="json").json()["role"] == "owner"


def test_the_last_owner_stays(api_of: ApiOf, alice: User, acme: Tenant) -> None:
    for answer in (
        api_of(alice).patch(door(of(alice, acme)), {"role": "admin"}, format="json"),
        api_of(alice).delete(door(of(alice, acme))),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert of(alice, acme).role == "owner"


def test_a_viewer_may_leave_and_is_a_stranger_then(api_of: ApiOf, victor: User, acme: Tenant) -> None:
    assert api_of(victor).delete(door(of(victor, acme))).status_code == 204
    assert api_of(victor).get(DOOR).status_code == 404


def test_the_keys_of_a_removed_member_never_work_again(api_of: ApiOf, bob: User, alice: User, acme: Tenant) -> None:
    key = api_of(bob).post("/w/acme/api/v1/api-keys/", {"name": "nightly"}, format="json").json()["key"]
    program = APIClient(headers={"Authorization": f"Bearer {key}"})
    assert program.get(DOOR).status_code == 200
    assert api_of(alice).delete(door(of(bob, acme))).status_code == 204
    assert api_of(alice).post(DOOR, {"email": "bob@acme.example", "role": "admin"}, format="json").status_code == 201
    assert program.get(DOOR).status_code == 401


def test_a_key_makes_no_owner_that_would_outlive_it(api_of: ApiOf, alice: User, bob: User, acme: Tenant) -> None:
    made = api_of(alice).post("/w/acme/api/v1/api-keys/", {"name": "all", "role": "owner"}, format="json").json()
    program = APIClient(headers={"Authorization": f"Bearer {made['key']}"})
    assert program.post(DOOR, {"email": "mallory@globex.example", "role": "owner"}, format="json").status_code == 403
    assert program.patch(door(of(bob, acme)), {"role": "owner"}, format="json").status_code == 403
    assert of(bob, acme).role == "admin"
    assert acme.memberships.filter(role="owner").count() == 1


def test_a_viewer_s_key_does_not_make_its_maker_leave(acme: Tenant, bob: User) -> None:
    secret, prefix, digest = new_key()
    with enter(acme.schema_name):
        ApiKey.objects.create(
            name="look", prefix=prefix, digest=digest, role="viewer", user_id=bob.pk, expires_at="2100-01-01T00:00Z"
        )
    program = APIClient(headers={"Authorization": f"Bearer {secret}"})
    assert program.get(DOOR).status_code == 200
    assert program.delete(door(of(bob, acme))).status_code == 403
    assert of(bob, acme).role == "admin"


def test_another_workspace_s_membership_does_not_exist_here(
    api_of: ApiOf, alice: User, mallory: User, globex: Tenant
) -> None:
    theirs = of(mallory, globex)
    for path in (door(theirs), f"{DOOR}{uuid4()}/"):
        for answer in (
            api_of(alice).get(path),
            api_of(alice).patch(path, {"role": "viewer"}, format="json"),
            api_of(alice).delete(path),
        ):
            assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such member here.")
    assert of(mallory, globex).role == "owner"
