"""One middleware finds the workspace, and every reversed address carries its prefix."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import path, reverse
from pytest_django import Settings

from tenants import resolving
from tenants.addresses import public_reverse, workspace_reverse
from tenants.context import current_schema
from tenants.models import Domain, Tenant


def where(request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        {
            "schema": current_schema(),
            "here": reverse("where"),
            "globex": workspace_reverse("globex", "where"),
            "public": public_reverse("where"),
        }
    )


urlpatterns = [path("where/", where, name="where")]


@pytest.fixture(autouse=True)
def _only_where(settings: Settings) -> None:
    settings.ROOT_URLCONF = settings.PUBLIC_SCHEMA_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["testserver", "agents.acme.example", "localhost"]


def test_by_path(acme: Tenant) -> None:
    assert Client().get("/w/acme/where/").json() == {
        "schema": "t_acme",
        "here": "/w/acme/where/",
        "globex": "/w/globex/where/",
        "public": "/where/",
    }


def test_by_its_own_host_name(acme: Tenant) -> None:
    Domain.objects.create(domain="agents.acme.example", tenant=acme, is_primary=True)
    found = Client().get("/where/", headers={"host": "agents.acme.example:8443"}).json()
    assert (found["schema"], found["here"]) == ("t_acme", "/where/")


def test_public_otherwise(acme: Tenant) -> None:
    found = Client().get("/where/").json()
    assert (found["schema"], found["here"], found["globex"]) == ("public", "/where/", "/w/globex/where/")


@pytest.mark.parametrize(
    "address",
    [
        "/w/nothing/where/",
        "/w/template-tenant/where/",
        "/w/public/where/",
        "/w//where/",
        "/w/t_acme/where/",
        "/w/a%00b/where/",
    ],
)
def test_what_is_no_workspace_never_is_one(acme: Tenant, address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 404 or answer.json()["schema"] == "public"


@pytest.mark.parametrize(
    "address", ["/w/acme/../where/", "/w/acme/%2e%2e/where/", "/w/acme//where/", "/W/acme/where/", "/w/ACME/where/"]
)
def test_tricks_with_the_path_reach_no_other_workspace(acme: Tenant, address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 404 or answer.json()["schema"] in {"t_acme", "public"}


def test_a_foreign_host_name_is_refused(acme: Tenant) -> None:
    assert Client().get("/w/acme/where/", headers={"host": "evil.example"}).status_code == 400
    spoofed = Client().get("/where/", headers={"x-forwarded-host": "agents.acme.example", "x-tenant": "t_acme"})
    assert spoofed.json()["schema"] == "public"


def test_names_that_strangers_make_up_are_not_remembered(acme: Tenant) -> None:
    for number in range(3):
        assert Client().get(f"/w/{number}{'x' * 5000}/where/").json()["schema"] == "public"
    assert [key for key in resolving._known if "xxx" in key] == []
