"""An invitation's mail is sent by a worker: nothing is lost while the mail server is away, and the page says how it stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from tenants.models import Invitation, Tenant, User
from tenants.notifications.outbox import PAUSES
from tenants.notifications.tasks import send_mails
from tests.conftest import ApiOf, ClientOf
from tests.notifications.postman import Postman

DOOR, PAGE = "/w/acme/api/v1/invitations/", "/w/acme/members/invitations/"


@pytest.fixture
def api(api_of: ApiOf, alice: User, acme: Tenant) -> APIClient:
    return api_of(alice)


def invited(api: APIClient) -> dict[str, Any]:
    answer = api.post(DOOR, {"email": "bob@acme.example"}, format="json")
    assert (answer.status_code, answer.json()["link"], answer.json()["mail"]) == (201, None, "waiting")
    found: dict[str, Any] = answer.json()
    return found


def sent_when_due() -> Invitation:
    Invitation.objects.filter(mail="waiting").update(mail_due_at=timezone.now() - timedelta(hours=1))
    send_mails.run()
    return Invitation.objects.get()


def link_in(postman: Postman) -> str:
    text = postman.mails[-1].get_content()
    return next(line for line in str(text).splitlines() if "/invitations/" in line)


def test_it_waits_for_the_mail_server_and_says_so(
    api: APIClient, postman: Postman, client_of: ClientOf, alice: User
) -> None:
    told, postman.refusal = invited(api), "451 later"
    row = sent_when_due()
    assert (row.mail, row.mail_tries, row.sent_at, postman.mails) == ("waiting", 1, None, [])
    assert row.mail_due_at is not None
    assert row.mail_due_at > timezone.now(), "it is tried again, later"
    assert "its mail waits to be sent, tried 1 time" in client_of(alice).get(PAGE).content.decode()
    send_mails.run()
    assert Invitation.objects.get().mail_tries == 1, "it is not due yet"

    postman.refusal = ""
    row = sent_when_due()
    assert (row.mail, row.mail_due_at, len(postman.mails)) == ("sent", None, 1)
    assert api.get(f"{DOOR}{told['id']}/").json()["mail"] == "sent"
    secret = link_in(postman).rstrip("/").rpartition("/")[2]
    taken = api.post("/api/v1/invitations/accept/", {"secret": secret}, format="json")
    assert (taken.status_code, taken.json()["code"]) == (403, "other_address"), "it is the invitation's own link"
    sent_when_due()
    assert len(postman.mails) == 1


@pytest.mark.parametrize(("refusal", "tries"), [("550 no such person", 1), ("451 later", len(PAUSES))])
def test_what_cannot_be_sent_gets_a_link_instead(
    api: APIClient, postman: Postman, client_of: ClientOf, alice: User, refusal: str, tries: int
) -> None:
    told, postman.refusal = invited(api), refusal
    rows = [sent_when_due() for _ in range(tries)]
    assert [row.mail for row in rows] == ["waiting"] * (tries - 1) + ["failed"]
    assert "could not be sent: make a new link and hand it over" in client_of(alice).get(PAGE).content.decode()
    again = api.post(f"{DOOR}{told['id']}/renew/").json()
    assert (again["mail"], "/invitations/" in again["link"]) == ("none", True)


def test_a_try_that_a_dead_worker_left_is_made_again_with_the_same_link(api: APIClient, postman: Postman) -> None:
    invited(api)
    sent_when_due()
    first = link_in(postman)
    Invitation.objects.update(mail="waiting", mail_due_at=timezone.now())  # it died before it could say so
    sent_when_due()
    assert (len(postman.mails), link_in(postman)) == (2, first)
    assert postman.mails[0]["Message-ID"] == postman.mails[1]["Message-ID"]


@pytest.mark.parametrize("ended", ["withdrawn", "left", "renewed key"])
def test_what_is_not_good_any_more_is_not_mailed(
    api: APIClient, postman: Postman, settings: Settings, ended: str
) -> None:
    told = invited(api)
    match ended:
        case "withdrawn":
            api.delete(f"{DOOR}{told['id']}/")
        case "left":
            User.objects.filter(email="alice@acme.example").update(is_active=False)
        case _:
            settings.SECRET_KEY = "another one, with which no link of before can be made"
    row = sent_when_due()
    assert (row.mail, postman.mails) == ("failed" if ended == "renewed key" else "none", [])


def test_without_a_mail_server_the_link_is_handed_over(api: APIClient) -> None:
    told = api.post(DOOR, {"email": "bob@acme.example"}, format="json").json()
    assert (told["mail"], "/invitations/" in told["link"]) == ("none", True)
