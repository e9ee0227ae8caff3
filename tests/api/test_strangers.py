"""Every address of a workspace, page or API, by every method (by three of them outside CI): nothing opens for who does not belong there.

The list of addresses is made from the urlconf, so that a new door is tried from its first day.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient

from tenants import resolving
from tenants.access import Member
from tenants.api import WorkspaceView
from tenants.context import PUBLIC, enter
from tenants.models import Tenant, User
from tenants.pages import WorkspacePage
from tenants.proving.tokens import sign_in
from tests import cast
from tests.api.furnished import Door, Ids, doors, furnish, nowhere
from tests.conftest import ApiOf, ClientOf
from tests.servers.database import Settled
from tests.thorough import IN_CI, only_in_ci

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") if IN_CI else ("GET", "POST", "DELETE")
OPEN = {
    "api/v1/schema/": "The description of the API is the same for everybody, whatever the workspace.",
    "api/v1/docs/": "A page around that description.",
}
Ask = Callable[[str, str], Any]


@pytest.fixture(autouse=True)
def _without_limits(settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = settings.API_ANONYMOUS_REQUESTS_PER_MINUTE = 1_000_000


@pytest.fixture(scope="module")
def ids(settled: Settled) -> Ids:
    with settled(), enter(PUBLIC):
        api = APIClient()
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(cast.person('alice')).access}")
        return furnish(api, "acme")


def asking(client: Any) -> Ask:
    """By any method, with an empty object as the body. What breaks is an answer of 500."""
    client.raise_request_exception = False

    def ask(method: str, address: str) -> Any:
        body = "" if method == "GET" else "{}"
        answer = client.generic(method, address, body, content_type="application/json")
        for close in answer._resource_closers:  # files; answer.close() would close the test's connection as well
            close()
        return answer

    return ask


def is_shut_to_anonymous(door: Door, answer: Any, _method: str) -> bool:
    if door.is_api:
        return bool(answer.status_code == 401 and answer["Content-Type"] == "application/problem+json")
    return bool(answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next="))


def is_shut_to_a_stranger(_door: Door, answer: Any, _method: str) -> bool:
    return bool(answer.status_code == 404)


def left_open(urlconf: str, ids: Ids, ask: Ask, is_shut: Callable[[Door, Any, str], bool]) -> dict[str, int]:
    return {
        f"{method} {door.route}": answer.status_code
        for door in doors(urlconf)
        if door.route not in OPEN
        for method in METHODS
        if not is_shut(door, answer := ask(method, door.path("acme", ids)), method)
    }


def everything_in(tenant: Tenant) -> dict[str, list[Any]]:
    """All rows of a workspace's schema."""
    shared = apps.get_app_config("tenants"), apps.get_app_config("work"), apps.get_app_config("marketplace")
    labels = {
        "workspace",
        "projects",
        "budgets",
        "faults",
        "agents",
        "connections",
        "tools",
        "simulations",
        "installs",
    } | {"knowledge"} & set(apps.app_configs)
    assert not labels & {config.label for config in shared}
    with enter(tenant.schema_name):
        return {
            model._meta.label: sorted(map(repr, model._base_manager.values()))
            for label in labels
            for model in apps.get_app_config(label).get_models()
        }


def test_every_parameter_has_a_real_row(ids: Ids) -> None:
    named = {name for door in doors("config.urls") for name in door.parameters}
    assert named <= set(ids), "make one row of it in tests/api/furnished.py"
    assert len(doors("config.urls")) > 70


def test_the_list_of_open_doors_names_only_doors() -> None:
    assert set(OPEN) <= {door.route for door in doors("config.urls")}


def test_anonymous_finds_every_door_shut(ids: Ids, acme: Tenant) -> None:
    before = everything_in(acme)
    assert left_open("config.urls", ids, asking(Client()), is_shut_to_anonymous) == {}
    assert everything_in(acme) == before


@pytest.mark.parametrize("way", ["by token", "by session"])
def test_mallory_finds_nothing_at_acme(
    ids: Ids, api_of: ApiOf, client_of: ClientOf, mallory: User, acme: Tenant, way: str
) -> None:
    before = everything_in(acme)
    client = api_of(mallory) if way == "by token" else client_of(mallory)
    only_api = is_shut_to_a_stranger if way == "by session" else is_shut_to_anonymous_or_stranger
    assert left_open("config.urls", ids, asking(client), only_api) == {}
    assert everything_in(acme) == before


def is_shut_to_anonymous_or_stranger(door: Door, answer: Any, method: str) -> bool:
    """A token opens no pages, so that its bearer is nobody there."""
    return (is_shut_to_a_stranger if door.is_api else is_shut_to_anonymous)(door, answer, method)


@pytest.fixture
def mallorys_key(api_of: ApiOf, mallory: User) -> Client:
    """A program with an owner's key of Globex."""
    made = api_of(mallory).post("/w/globex/api/v1/api-keys/", {"name": "k", "role": "owner"}, format="json")
    return Client(headers={"Authorization": f"Bearer {made.json()['key']}"})


def test_mallory_s_key_of_globex_is_no_key_at_acme(ids: Ids, mallorys_key: Client) -> None:
    assert left_open("config.urls", ids, asking(mallorys_key), is_shut_to_anonymous) == {}


@pytest.mark.parametrize("way", ["by key", "by token", "by session", "as nobody"])
def test_acme_is_to_strangers_what_no_workspace_is(
    ids: Ids, api_of: ApiOf, client_of: ClientOf, mallory: User, mallorys_key: Client, way: str
) -> None:
    ways = {
        "by key": mallorys_key,
        "by token": api_of(mallory),
        "by session": client_of(mallory),
        "as nobody": Client(),
    }
    ask, different = asking(ways[way]), {}
    for door in doors("config.urls"):
        real, none = (
            neutral(ask("GET", door.path(slug, ids)), slug) for slug in ("acme", "gone")
        )  # of one length: long addresses are cut
        if door.route not in OPEN and real != none:
            different[door.route] = real
    assert different == {}


def neutral(answer: Any, slug: str) -> bytes:
    """An answer without what differs each time: the address that was asked for, and CSRF tokens."""
    return (
        re.sub(rb"\b[A-Za-z0-9]{64}\b", b"TOKEN", answer.content.replace(f"/w/{slug}/".encode(), b"/w/WORKSPACE/"))
        + str(answer.headers.get("Location")).replace(slug, "WORKSPACE").encode()
    )


@pytest.mark.parametrize("way", ["by token", "by session"])
def test_acme_s_ids_are_nothing_at_globex(
    ids: Ids, api_of: ApiOf, client_of: ClientOf, mallory: User, acme: Tenant, way: str
) -> None:
    before = everything_in(acme)
    ask = asking(api_of(mallory) if way == "by token" else client_of(mallory))
    different, made_up = {}, nowhere(ids)
    for door in doors("config.urls"):
        if not any(name.endswith("_id") for name in door.parameters) or (way == "by token" and not door.is_api):
            continue
        for method in METHODS:
            real, none = (ask(method, door.path("globex", each)).status_code for each in (ids, made_up))
            if real != none or (method != "OPTIONS" and real not in {400, 404, 405}):
                different[f"{method} {door.route}"] = (real, none)
    assert different == {}
    assert everything_in(acme) == before


@pytest.mark.parametrize("way", ["by token", pytest.param("by session", marks=only_in_ci)])
def test_nothing_breaks_for_the_owner(ids: Ids, api_of: ApiOf, client_of: ClientOf, alice: User, way: str) -> None:
    ask, broken = asking(api_of(alice) if way == "by token" else client_of(alice)), {}
    for door in doors("config.urls"):
        for method in METHODS:
            with transaction.atomic():
                status = ask(method, door.path("acme", ids)).status_code
                transaction.set_rollback(True)
            if status >= 500:
                broken[f"{method} {door.route}"] = status
    assert broken == {}


class Ajar(WorkspaceView):
    """A door that forgot its gate."""

    def admit(self, request: Request) -> None: ...

    def get(self, request: Request, project_id: str) -> Response:
        return Response({"project": project_id})


class AjarPage(WorkspacePage):
    """A page that lets everybody in who is signed in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]
        return HttpResponse("come in")


urlpatterns = [
    path("api/v1/ajar/<uuid:project_id>/", Ajar.as_view()),
    path("ajar/", AjarPage.as_view()),
    path("", include("config.urls")),
]
handler404 = "config.refusals.not_found"


@only_in_ci
def test_the_sweep_finds_a_door_that_forgot_its_gate(
    settings: Settings, ids: Ids, client_of: ClientOf, mallory: User
) -> None:
    settings.ROOT_URLCONF = __name__
    to_anonymous = left_open(__name__, ids, asking(Client()), is_shut_to_anonymous)
    to_mallory = left_open(__name__, ids, asking(client_of(mallory)), is_shut_to_a_stranger)
    api = {f"{method} api/v1/ajar/<uuid:project_id>/": status for method, status in found(200, 405, 405, 405, 405, 200)}
    page = {f"{method} ajar/": status for method, status in found(*[200] * 6)}
    assert to_anonymous == api
    assert to_mallory == api | page


def found(*statuses: int) -> list[tuple[str, int]]:
    return list(zip(METHODS, statuses, strict=True))


def test_a_suspended_workspace_is_shut_to_its_own_people(
    ids: Ids, api_of: ApiOf, alice: User, alice_at_acme: Member, acme: Tenant
) -> None:
    with enter(PUBLIC):
        Tenant.objects.filter(pk=acme.pk).update(status=Tenant.Status.SUSPENDED)
    resolving.forget()
    ask = asking(api_of(alice))
    statuses = {
        ask("GET", door.path("acme", ids)).status_code
        for door in doors("config.urls")
        if door.is_api and door.route not in OPEN
    }
    assert statuses == {403}
