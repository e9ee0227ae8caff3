"""One's messages over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tenants.models import Tenant, User
from tenants.notifications.models import Notification
from tenants.notifications.services import notify
from tests.conftest import ApiOf

LIST = "/api/v1/users/me/notifications/"


@pytest.fixture
def two(alice: User, acme: Tenant) -> None:
    notify(users=[alice], kind="review", title="A review", text="Five stars", url="/market/acme/helper/reviews/")
    notify(users=[alice], kind="pulled", title="It was stopped", text="", url="/w/acme/installs/", tenant=acme)


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["title"] for each in answer.json()["results"]]


def test_the_newest_comes_first(api_of: ApiOf, alice: User, two: None) -> None:
    api = api_of(alice)
    [newest, older] = api.get(LIST).json()["results"]
    assert set(newest) == {"id", "kind", "title", "text", "url", "workspace", "read_at", "created_at"}
    assert (newest["title"], newest["workspace"], newest["read_at"]) == ("It was stopped", "acme", None)
    assert (older["workspace"], older["url"]) == (None, "/market/acme/helper/reviews/")
    assert titles(api.get(LIST, {"kind": "review"})) == ["A review"]
    assert titles(api.get(LIST, {"workspace": "acme", "unread": "true"})) == ["It was stopped"]


@pytest.mark.parametrize("query", [{"kind": "gossip"}, {"unread": "perhaps"}, {"colour": "red"}])
def test_a_filter_that_nobody_knows_is_refused(api_of: ApiOf, alice: User, query: dict[str, str]) -> None:
    assert api_of(alice).get(LIST, query).status_code == 400


def test_marking_as_read(api_of: ApiOf, alice: User, mallory: User, two: None) -> None:
    api, read = api_of(alice), f"{LIST}read/"
    one = str(Notification.objects.get(title="A review").pk)
    assert api_of(mallory).post(read, {"ids": [one]}, format="json").json() == {"unread": 0}
    assert Notification.objects.filter(read_at=None).count() == 2
    assert api.post(read, {"ids": [one, str(uuid4())]}, format="json").json() == {"unread": 1}
    assert api.post(read, {"all": True}, format="json").json() == {"unread": 0}
    assert titles(api.get(LIST, {"unread": "true"})) == []


@pytest.mark.parametrize("body", [{}, {"ids": [], "all": True}, {"ids": ["x"]}, {"every": True}, {"ids": None}])
def test_unclear_wishes_change_nothing(api_of: ApiOf, alice: User, two: None, body: dict[str, Any]) -> None:
    assert api_of(alice).post(f"{LIST}read/", body, format="json").status_code == 400
    assert Notification.objects.filter(read_at=None).count() == 2


def test_the_choice_of_mails(api_of: ApiOf, alice: User) -> None:
    api, mail = api_of(alice), f"{LIST}mail/"
    assert "review" in api.get(mail).json()["kinds"]
    assert api.put(mail, {"kinds": ["pulled", "decision"]}, format="json").json() == {"kinds": ["decision", "pulled"]}
    assert api.put(mail, {"kinds": ["gossip"]}, format="json").status_code == 400
    assert api.get(mail).json() == {"kinds": ["decision", "pulled"]}


def test_a_stranger_is_asked_who_they_are(client: Any, db: None) -> None:
    assert client.get(LIST).status_code == 401
    assert client.post(f"{LIST}read/").status_code == 401
