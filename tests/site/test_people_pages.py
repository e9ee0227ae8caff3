"""Workspaces, members, keys and colours, by hand."""

from __future__ import annotations

import pytest
from django.test import Client

from tenants.context import enter
from tenants.models import Membership, Tenant, User
from tenants.workspace.models import ApiKey
from tests.conftest import ClientOf

Role = Membership.Role


def test_a_new_workspace_is_ready_at_once(db: None, client_of: ClientOf, victor: User) -> None:
    client = client_of(victor)
    assert client.post("/workspaces/new/", {"name": "Harbour", "slug": "Harbour"}).headers["Location"] == "/w/harbour/"
    assert "First steps" in client.get("/w/harbour/").content.decode()
    taken = client.post("/workspaces/new/", {"name": "Other", "slug": "harbour"})
    assert taken.status_code == 422
    assert "The address /w/harbour/ is taken" in taken.content.decode()
    assert "Harbour" in client.get("/workspaces/").content.decode()


def test_workspaces_need_an_account(db: None) -> None:
    assert Client().get("/workspaces/").headers["Location"] == "/accounts/login/?next=/workspaces/"


def test_members_come_change_and_go(acme: Tenant, client_of: ClientOf, alice: User, mallory: User) -> None:
    client = client_of(alice)
    assert client.post("/w/acme/members/", {"email": mallory.email, "role": "viewer"}).status_code == 302
    membership = Membership.objects.get(user=mallory, tenant=acme)
    assert client.post(f"/w/acme/members/{membership.pk}/role/", {"role": "admin"}).status_code == 302
    membership.refresh_from_db()
    assert membership.role == Role.ADMIN
    assert client.post(f"/w/acme/members/{membership.pk}/role/", {"role": "king"}).status_code == 400
    left = client_of(mallory).post(f"/w/acme/members/{membership.pk}/remove/")
    assert left.headers["Location"] == "/workspaces/"
    assert not Membership.objects.filter(pk=membership.pk).exists()


def test_the_last_owner_stays(acme: Tenant, client_of: ClientOf, alice: User) -> None:
    mine = Membership.objects.get(user=alice, tenant=acme)
    answer = client_of(alice).post(f"/w/acme/members/{mine.pk}/remove/")
    assert answer.status_code == 409
    assert "A workspace keeps at least one owner" in answer.content.decode()
    assert Membership.objects.filter(pk=mine.pk).exists()


def test_a_viewer_manages_nobody(acme: Tenant, client_of: ClientOf, victor: User, alice: User) -> None:
    client = client_of(victor)
    owner = Membership.objects.get(user=alice, tenant=acme)
    assert "Add somebody" not in client.get("/w/acme/members/").content.decode()
    assert client.post("/w/acme/members/", {"email": victor.email, "role": "owner"}).status_code == 403
    assert client.post(f"/w/acme/members/{owner.pk}/role/", {"role": "viewer"}).status_code == 403
    assert client.post(f"/w/acme/members/{owner.pk}/remove/").status_code == 403
    owner.refresh_from_db()
    assert owner.role == Role.OWNER


def test_a_key_is_shown_once_and_works_until_revoked(acme: Tenant, client_of: ClientOf, alice: User) -> None:
    client = client_of(alice)
    made = client.post("/w/acme/keys/", {"name": "nightly", "role": "viewer", "days": "30"})
    secret = made.content.decode().partition('class="secret">')[2].partition("<")[0].strip()
    assert made.headers["Cache-Control"] == "no-store"
    assert secret not in client.get("/w/acme/keys/").content.decode()
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/w/acme/api/v1/runs/").status_code == 200
    with enter(acme.schema_name):
        key = ApiKey.objects.get(name="nightly")
    assert client.post(f"/w/acme/keys/{key.pk}/revoke/").status_code == 302
    assert program.get("/w/acme/api/v1/runs/").status_code == 401
    assert "Revoked" in client.get("/w/acme/keys/").content.decode()


def test_a_viewer_makes_no_key(acme: Tenant, client_of: ClientOf, victor: User) -> None:
    client = client_of(victor)
    assert "Admins manage keys" in client.get("/w/acme/keys/").content.decode()
    client.post("/w/acme/keys/", {"name": "nightly", "role": "viewer", "days": "30"})
    with enter(acme.schema_name):
        assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "shown", "back"),
    [
        ("dark", "dark", "/market/"),
        ("pink", None, "/market/"),
        ("light", "light", "//evil.example"),
        ("light", "light", "\\\\evil"),
    ],
)
def test_colours_are_remembered(db: None, wanted: str, shown: str | None, back: str) -> None:
    client = Client()
    answer = client.post("/theme/", {"theme": wanted, "next": back})
    assert answer.headers["Location"] == (back if back == "/market/" else "/")
    assert (client.cookies["theme"].value if "theme" in client.cookies else None) == shown
    assert f'data-theme="{shown or "system"}"' in client.get("/accounts/login/").content.decode()


def test_a_broken_cookie_is_no_theme(db: None) -> None:
    client = Client()
    client.cookies["theme"] = '"><script>'
    html = client.get("/accounts/login/").content.decode()
    assert 'data-theme="system"' in html
    assert "<script>" not in html
