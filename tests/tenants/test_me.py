"""`users/me/` and `workspaces/`: one's own account and places."""

from __future__ import annotations

import pytest
from django.test import Client

from tenants.models import Membership, Tenant, User
from tests.conftest import ApiOf

ME, WORKSPACES = "/api/v1/users/me/", "/api/v1/workspaces/"


def test_what_one_sees_of_oneself(api_of: ApiOf, alice: User) -> None:
    shown = api_of(alice).get(ME).json()
    assert shown == {
        "id": str(alice.pk),
        "email": "alice@acme.example",
        "name": "Alice Archer",
        "is_staff": False,
        "date_joined": shown["date_joined"],
    }


def test_a_name_can_be_changed_and_nothing_else(api_of: ApiOf, alice: User) -> None:
    api = api_of(alice)
    assert api.patch(ME, {"name": "Alice A."}, format="json").json()["name"] == "Alice A."
    for field, value in [("email", "a@b.example"), ("is_staff", True), ("id", str(alice.pk)), ("password", "x")]:
        answer = api.patch(ME, {field: value}, format="json")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    alice.refresh_from_db()
    assert (alice.name, alice.email, alice.is_staff) == ("Alice A.", "alice@acme.example", False)


@pytest.mark.parametrize("path", [ME, WORKSPACES])
def test_nobody_sees_anything_without_signing_in(db: None, path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="guildhall"'


def test_one_s_workspaces_are_listed_and_only_active_ones(api_of: ApiOf, victor: User, acme: Tenant) -> None:
    Membership.objects.create(user=victor, tenant=Tenant.objects.get(slug="globex"), role="admin")
    Tenant.objects.filter(slug="globex").update(status="suspended")
    assert api_of(victor).get(WORKSPACES).json() == {
        "next": None,
        "previous": None,
        "results": [
            {
                "id": str(acme.pk),
                "name": "Acme",
                "slug": "acme",
                "role": "viewer",
                "url": "/w/acme/",
                "api_url": "/w/acme/api/v1/",
                "created_at": acme.created_at.isoformat().replace("+00:00", "Z"),
            }
        ],
    }


def test_a_new_workspace_is_one_s_own(api_of: ApiOf, victor: User) -> None:
    answer = api_of(victor).post(WORKSPACES, {"name": "Vale & Co", "slug": "vale-co"}, format="json")
    assert (answer.status_code, answer.json()["role"], answer.json()["api_url"]) == (201, "owner", "/w/vale-co/api/v1/")
    assert api_of(victor).get("/w/vale-co/api/v1/members/").json()["results"][0]["email"] == "victor@acme.example"


@pytest.mark.parametrize(
    ("slug", "status", "code"),
    [("globex", 409, "taken"), ("admin", 400, "reserved"), ("Not-Fine", 400, "form"), ("ab", 400, "min_length")],
)
def test_a_refused_address_makes_nothing(api_of: ApiOf, victor: User, slug: str, status: int, code: str) -> None:
    answer = api_of(victor).post(WORKSPACES, {"name": "Mine", "slug": slug}, format="json")
    assert answer.status_code == status
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("slug", code)]
    assert Membership.objects.filter(user=victor).count() == 1


def test_ten_workspaces_an_hour_are_enough(api_of: ApiOf, victor: User) -> None:
    api = api_of(victor)
    for _ in range(10):
        assert api.post(WORKSPACES, {"name": "Mine", "slug": "globex"}, format="json").status_code == 409
    answer = api.post(WORKSPACES, {"name": "Mine", "slug": "mine"}, format="json")
    assert (answer.status_code, Tenant.objects.filter(slug="mine").count()) == (429, 0)
