"""The bell, the list of messages, and the choice of mails."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tenants.models import Membership, Tenant, User
from tenants.notifications.models import Notification
from tenants.notifications.services import notify
from tests.conftest import ClientOf


@pytest.fixture
def three(alice: User, acme: Tenant) -> None:
    """Two of alice's messages, one of them about Acme."""
    notify(users=[alice], kind="review", title="A review", text="Five stars", url="/market/acme/helper/reviews/")
    notify(
        users=[alice], kind="pulled", title="It was stopped", text="<b>why</b>", url="/w/acme/installs/", tenant=acme
    )


def shown(html: str) -> list[str]:
    return re.findall(r"<strong>([^<]+)</strong> <span class=\"sr\">\(not read\)", html)


def bell(html: str) -> str:
    found = re.search(r'id="bell"[^>]*aria-label="([^"]+)"', html)
    assert found
    return found[1]


def test_the_bell_counts_what_is_not_read(client_of: ClientOf, alice: User, three: None) -> None:
    client = client_of(alice)
    assert bell(client.get("/").content.decode()) == "Notifications, 2 not read"
    client.post("/notifications/read/")
    assert bell(client.get("/w/acme/").content.decode()) == "Notifications"
    assert bell(client.get("/notifications/bell/").content.decode()) == "Notifications"


def test_beyond_99_it_stops_counting(client_of: ClientOf, alice: User) -> None:
    for number in range(101):
        notify(users=[alice], kind="review", title=f"Review {number}", text="", url="/")
    assert bell(client_of(alice).get("/").content.decode()) == "Notifications, 99+ not read"


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["It was stopped", "A review"]),
        ("?kind=review", ["A review"]),
        ("?workspace=acme", ["It was stopped"]),
        ("?kind=review&workspace=acme", []),
        ("?kind=nonsense", ["It was stopped", "A review"]),
    ],
)
def test_the_list_is_narrowed(client_of: ClientOf, alice: User, three: None, query: str, titles: list[str]) -> None:
    assert shown(client_of(alice).get(f"/notifications/{query}").content.decode()) == titles


def test_one_is_marked_as_read_and_the_rest_stays(client_of: ClientOf, alice: User, three: None) -> None:
    client = client_of(alice)
    one = Notification.objects.get(title="A review")
    answer = client.post("/notifications/read/?kind=review", {"notification": str(one.pk)})
    assert (answer.status_code, answer["Location"]) == (302, "/notifications/?kind=review")
    page = client.get("/notifications/").content.decode()
    assert shown(page) == ["It was stopped"]
    assert "A review" in page
    assert "&lt;b&gt;why&lt;/b&gt;" in page
    assert shown(client.get("/notifications/?unread=1").content.decode()) == ["It was stopped"]


def test_somebody_elses_message_is_left_alone(client_of: ClientOf, mallory: User, three: None) -> None:
    client = client_of(mallory)
    one = Notification.objects.get(title="A review")
    assert client.post("/notifications/read/", {"notification": str(one.pk)}).status_code == 302
    assert client.post("/notifications/read/", {"notification": "nonsense"}).status_code == 404
    assert Notification.objects.filter(read_at=None).count() == 2
    assert "Nothing to tell you yet" in client.get("/notifications/").content.decode()


def test_whoever_left_a_workspace_reads_nothing_about_it(client_of: ClientOf, alice: User, three: None) -> None:
    Membership.objects.filter(user=alice).delete()
    client = client_of(alice)
    assert shown(client.get("/notifications/").content.decode()) == ["A review"]
    assert bell(client.get("/").content.decode()) == "Notifications, 1 not read"


def test_the_choice_of_mails_is_kept(client_of: ClientOf, alice: User) -> None:
    client = client_of(alice)
    client.post("/notifications/mail/", {"kind": ["review", "gossip"]})
    page = client.get("/notifications/mail/").content.decode()
    assert re.findall(r'value="(\w+)"\s+checked', page) == ["review"]


def test_a_stranger_signs_in_first(client: Client, db: None) -> None:
    answer = client.get("/notifications/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/notifications/")
