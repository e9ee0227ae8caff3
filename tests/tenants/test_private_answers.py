"""What is somebody's own stays out of caches; where a theme's form leads back to."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from config.stack import paths
from tenants.models import Tenant, User
from tests.conftest import ApiOf, ClientOf


@pytest.mark.parametrize("path", ["/workspaces/", "/workspaces/new/", "/w/acme/", "/w/acme/members/", "/w/acme/runs/"])
def test_no_cache_keeps_a_page_of_ones_own(client_of: ClientOf, alice: User, acme: Tenant, path: str) -> None:
    answer = client_of(alice).get(path)
    assert (answer.status_code, "no-store" in answer["Cache-Control"], "private" in answer["Cache-Control"]) == (
        200,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("/w/acme/runs/", "/w/acme/runs/"),
        ("%2F%2Fevil", "%2F%2Fevil"),
        ("tenants:workspaces", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_the_theme_leads_back_to_this_host(db: None, wanted: str, there: str) -> None:
    answer = Client().post("/theme/", {"theme": "dark", "next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, there)


def test_a_ticket_that_cannot_be_kept(api_of: ApiOf, alice: User, acme: Tenant, settings: Settings) -> None:
    api: APIClient = api_of(alice)
    settings.CACHES = {**settings.CACHES, "shared": {**settings.CACHES["shared"], "LOCATION": "redis://127.0.0.1:9/0"}}
    answer = api.post("/w/acme/api/v1/socket-tickets/")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_mail_with_links_that_reset_passwords_is_for_this_account_only(tmp_path: Path) -> None:
    layout = paths.establish(tmp_path / "data")
    assert stat.S_IMODE(layout.mail.stat().st_mode) == 0o700
