"""Invitations: to an address, which alone may take it up once, or by a link with seats."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from tenants import services
from tenants.api import limits
from tenants.context import enter
from tenants.models import Invitation, Membership, Tenant, User
from tenants.notifications.tasks import send_mails
from tenants.workspace.models import AuditEntry
from tests.cast import PASSWORD
from tests.conftest import ApiOf, ClientOf

DOOR, ACCEPT = "/w/acme/api/v1/invitations/", "/api/v1/invitations/accept/"
PAGE = "/w/acme/members/invitations/"


@pytest.fixture
def api(api_of: ApiOf, alice: User, acme: Tenant) -> APIClient:
    return api_of(alice)


@pytest.fixture
def post(settings: Settings) -> list[Any]:
    """The platform sends mail; what went out."""
    settings.SENDS_MAIL, settings.PUBLIC_URL = True, "https://guildhall.example"
    return mail.outbox


def mailed() -> None:
    """A worker sends what is due."""
    send_mails.run()


def made(api: APIClient, **wish: Any) -> dict[str, Any]:
    answer = api.post(DOOR, wish, format="json")
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def secret_in(text: str) -> str:
    found = re.search(r"/invitations/([\w-]{43})/", text)
    assert found, text
    return found[1]


def take(api: APIClient, link: str) -> Any:
    return api.post(ACCEPT, {"secret": secret_in(link)}, format="json")


def roles(user: User) -> list[tuple[str, str]]:
    return list(Membership.objects.filter(user=user).order_by("tenant__slug").values_list("tenant__slug", "role"))


def test_an_address_gets_a_mail_and_its_owner_comes_in_once(
    api: APIClient, api_of: ApiOf, mallory: User, acme: Tenant, post: list[Any]
) -> None:
    told = made(api, email="Mallory@Globex.example", role="viewer")
    assert (told["link"], told["email"], told["state"], told["seats"]) == (None, "mallory@globex.example", "pending", 1)
    assert (told["mail"], told["sent_at"], post) == ("waiting", None, [])
    mailed()
    (sent,) = post
    assert sent.to == ["mallory@globex.example"]
    assert sent.subject == "Guildhall: you are invited to Acme"
    assert "Alice Archer invites you to the workspace Acme on Guildhall, as viewer." in sent.body
    assert "https://guildhall.example/invitations/" in sent.body
    secret = secret_in(sent.body)
    assert Invitation.objects.get().digest == hashlib.sha256(secret.encode()).hexdigest()
    answer = take(api_of(mallory), sent.body)
    assert (answer.status_code, answer.json()["slug"], answer.json()["role"]) == (200, "acme", "viewer")
    assert roles(mallory) == [("acme", "viewer"), ("globex", "owner")]
    assert take(api_of(mallory), sent.body).status_code == 404
    with enter(acme.schema_name):
        entry = AuditEntry.objects.latest("created_at")
    assert (entry.action, entry.by_id, entry.detail["invited_by"]) == ("member.joined", mallory.pk, "Alice Archer")
    assert api.get(f"{DOOR}{told['id']}/").json()["state"] == "accepted"


def test_a_forwarded_invitation_is_for_nobody_else(
    api: APIClient, api_of: ApiOf, mallory: User, post: list[Any]
) -> None:
    made(api, email="bob@acme.example")
    mailed()
    answer = take(api_of(mallory), post[0].body)
    assert (answer.status_code, answer.json()["code"]) == (403, "other_address")
    assert (roles(mallory), Invitation.objects.get().used) == ([("globex", "owner")], 0)


@pytest.mark.parametrize("ended", ["expired", "revoked", "unknown", "suspended", "maker"])
def test_what_has_ended_is_not_told_apart(
    api: APIClient, api_of: ApiOf, mallory: User, acme: Tenant, ended: str
) -> None:
    told = made(api)
    match ended:
        case "expired":
            Invitation.objects.update(expires_at=timezone.now() - timedelta(hours=1))
        case "revoked":
            assert api.delete(f"{DOOR}{told['id']}/").status_code == 204
        case "unknown":
            Invitation.objects.update(digest="0" * 64)
        case "maker":
            User.objects.filter(email="alice@acme.example").update(is_active=False)
        case "suspended":
            services.set_suspended(tenant=acme, suspended=True)
    answer = take(api_of(mallory), told["link"])
    page = Client().get(told["link"])
    assert (answer.status_code, page.status_code) == (404, 404)
    assert answer.json()["detail"].startswith("This invitation is not good: it was used, withdrawn, has expired")
    assert roles(mallory) == [("globex", "owner")]


def test_a_link_has_as_many_seats_as_it_says(api: APIClient, api_of: ApiOf, mallory: User, moderator: User) -> None:
    told = made(api, role="operator", seats=1)
    assert api.post(ACCEPT, {"secret": secret_in(told["link"])}, format="json").json()["role"] == "owner"
    assert Invitation.objects.get().used == 0, "who is a member takes no seat and keeps their role"
    assert take(api_of(mallory), told["link"]).status_code == 200
    assert take(api_of(moderator), told["link"]).status_code == 404
    assert (roles(mallory)[0], roles(moderator)) == (("acme", "operator"), [])


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"role": "admin"}, 400, "invalid"),
        ({"role": "owner"}, 400, "invalid"),
        ({"email": "x@y.example", "seats": 2}, 400, "invalid"),
        ({"seats": 501}, 400, "invalid"),
        ({"days": 31}, 400, "invalid"),
        ({"tenant": "globex"}, 400, "invalid"),
        ({"email": "victor@acme.example"}, 409, "already_member"),
    ],
)
def test_what_cannot_be_offered(api: APIClient, sent: dict[str, Any], status: int, code: str) -> None:
    answer = api.post(DOOR, sent, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Invitation.objects.count() == 0


def test_only_owners_invite_owners_and_only_admins_invite(
    api_of: ApiOf, victor: User, mallory: User, acme: Tenant, api: APIClient
) -> None:
    told = made(api)
    for stranger, status in ((victor, 403), (mallory, 404)):
        other = api_of(stranger)
        asked = [
            other.get(DOOR), other.post(DOOR, {}, format="json"), other.get(f"{DOOR}{told['id']}/"), other.delete(f"{DOOR}{told['id']}/"),
            other.post(f"{DOOR}{told['id']}/renew/"),
        ]  # fmt: skip
        assert [answer.status_code for answer in asked] == [status] * 5
    Membership.objects.filter(user=victor, tenant=acme).update(role="admin")
    assert api_of(victor).post(DOOR, {"email": "x@y.example", "role": "owner"}, format="json").status_code == 403
    assert api_of(mallory).get(f"/w/globex/api/v1/invitations/{told['id']}/").status_code == 404
    assert Invitation.objects.get().state == "pending"


def test_sending_again_ends_the_first_link(api: APIClient, api_of: ApiOf, mallory: User, post: list[Any]) -> None:
    told = made(api, email=mallory.email)
    assert api.post(DOOR, {"email": mallory.email}, format="json").json()["code"] == "already_invited"
    mailed()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    again = api.post(f"{DOOR}{told['id']}/renew/")
    mailed()
    assert (again.status_code, again.json()["state"], len(post)) == (200, "pending", 2)
    assert take(api_of(mallory), post[0].body).status_code == 404
    assert take(api_of(mallory), post[1].body).status_code == 200
    assert api.post(f"{DOOR}{told['id']}/renew/").status_code == 409


def test_nobody_comes_in_on_the_word_of_who_has_left(
    api: APIClient, api_of: ApiOf, victor: User, mallory: User
) -> None:
    membership = Membership.objects.get(user=victor)
    Membership.objects.filter(pk=membership.pk).update(role="admin")
    told = made(api_of(victor))
    api.patch(f"/w/acme/api/v1/members/{membership.pk}/", {"role": "operator"}, format="json")
    assert take(api_of(mallory), told["link"]).status_code == 404


def test_repeating_the_request_invites_once_and_tells_no_link_again(api: APIClient) -> None:
    first, second = (api.post(DOOR, {}, format="json", HTTP_IDEMPOTENCY_KEY="k1").json() for _ in range(2))
    assert (first["id"], second["link"], Invitation.objects.count()) == (second["id"], None, 1)
    assert secret_in(first["link"])


def test_somebody_signs_up_first_and_comes_in(api: APIClient, acme: Tenant) -> None:
    told = made(api, email="nina@acme.example", role="operator")
    assert told["link"], "without mail whoever invites hands it over"
    browser = Client()
    shown = browser.get(told["link"])
    assert (shown.status_code, shown["Referrer-Policy"], shown["Cache-Control"]) == (
        200, "same-origin", "private, no-store",
    ), "under no-referrer browsers send the form with Origin: null"  # fmt: skip
    page = shown.content.decode()
    assert "Alice Archer invites you as <strong>operator</strong>" in page
    assert 'href="/accounts/signup/?next=/invitations/"' in page
    assert told["link"].partition("/invitations/")[2] not in str(dict(browser.session))
    assert browser.post(told["link"])["Location"] == "/accounts/login/?next=/invitations/"
    for door in ("signup", "login"):
        assert "join <strong>Acme" in browser.get(f"/accounts/{door}/?next=/invitations/").content.decode()
        assert "Acme" not in browser.get(f"/accounts/{door}/").content.decode(), "it leads elsewhere"
    new = {"email": "nina@acme.example", "password1": PASSWORD, "password2": PASSWORD, "next": "/invitations/"}
    assert browser.post("/accounts/signup/?next=/invitations/", new)["Location"] == "/invitations/"
    assert "invited to Acme" in browser.get("/workspaces/").content.decode()
    assert "Join the workspace" in browser.get("/invitations/").content.decode()
    assert browser.post("/invitations/")["Location"] == "/w/acme/"
    assert roles(User.objects.get(email="nina@acme.example")) == [("acme", "operator")]
    assert browser.get("/invitations/").status_code == 404


def test_another_account_is_told_so_on_the_page(api: APIClient, client_of: ClientOf, mallory: User) -> None:
    told = made(api, email="nina@acme.example")
    browser = client_of(mallory)
    page = browser.get(told["link"]).content.decode()
    assert "It is for another address than mallory@globex.example" in page
    assert "nina@acme.example" not in page
    assert browser.post(told["link"]).status_code == 403
    assert roles(mallory) == [("globex", "owner")]


def test_the_page_invites_lists_renews_and_withdraws(client_of: ClientOf, alice: User, post: list[Any]) -> None:
    browser = client_of(alice)
    assert browser.post(PAGE, {"email": "bob@acme.example", "role": "admin", "days": 7, "seats": 1}).status_code == 302
    linked = browser.post(PAGE, {"email": "", "role": "viewer", "days": 1, "seats": 30}).content.decode()
    assert "It makes 30 people viewers here" in linked
    secret = secret_in(linked)
    listed = browser.get(PAGE).content.decode()
    assert secret not in listed
    assert ("bob@acme.example" in listed, "0 of 30 seats taken" in listed) == (True, True)
    refused = browser.post(PAGE, {"email": "", "role": "admin", "days": 7, "seats": 1})
    assert (refused.status_code, "so it makes operators and viewers only" in refused.content.decode()) == (422, True)
    link, bob = Invitation.objects.order_by("email")
    assert secret_in(browser.post(f"{PAGE}{link.pk}/renew/").content.decode()) != secret
    assert browser.post(f"{PAGE}{bob.pk}/revoke/").status_code == 302
    assert "bob@acme.example" not in browser.get(PAGE).content.decode()
    mailed()
    assert len(post) == 0, "it was withdrawn before its mail went out"


def test_a_viewer_sees_no_invitations(client_of: ClientOf, victor: User, api: APIClient) -> None:
    browser, told = client_of(victor), made(api)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, {"email": "", "role": "viewer", "days": 1, "seats": 1}).status_code == 403
    assert browser.post(f"{PAGE}{told['id']}/revoke/").status_code == 403
    assert "Invitations</a>" not in browser.get("/w/acme/members/").content.decode()
    assert Invitation.objects.get().state == "pending"


def test_too_many_in_an_hour_are_refused(api: APIClient, alice: User) -> None:
    for _ in range(59):
        limits.take("invitations-by", str(alice.pk), 60, window=3600)
    assert made(api)["state"] == "pending"
    assert (api.post(DOOR, {}, format="json").status_code, Invitation.objects.count()) == (429, 1)
