"""The pages and addresses on which people report, read decisions and appeal."""

from __future__ import annotations

from uuid import uuid4

import pytest

from marketplace.models import ListingVersion, Publisher
from marketplace.moderation.models import Appeal, Decision, Report, ReviewTask
from marketplace.moderation.services import decide, decide_appeal, suspend
from tenants.models import User
from tenants.notifications.models import Notification
from tests.conftest import ApiOf, ClientOf
from tests.moderation.conftest import State, against, version_of

Action = Decision.Action
API = "/api/v1/marketplace/"


@pytest.fixture
def published(publisher: Publisher) -> ListingVersion:
    return version_of(publisher, State.PUBLISHED, slug="analyst")


@pytest.fixture
def rejected(task: ReviewTask, moderator: User) -> Decision:
    return decide(task, verdict=against(Action.REJECT), by=moderator)


def test_a_listing_is_reported_on_its_page(published: ListingVersion, alice: User, client_of: ClientOf) -> None:
    client, url = client_of(alice), "/market/globex/analyst/report/"
    assert url in client.get("/market/globex/analyst/").content.decode()
    assert "does not learn who reported" in client.get(url).content.decode()
    answer = client.post(url, {"reason": "misleading", "text": "It reads nothing."})
    assert (answer.status_code, answer["Location"]) == (302, "/market/globex/analyst/")
    made = Report.objects.get()
    assert (made.reporter_id, made.reason, made.version, made.listing) == (
        alice.pk, "misleading", published, published.listing,
    )  # fmt: skip
    again = client.post(url, {"reason": "spam", "text": "And again."})
    assert again.status_code == 422
    assert "You have reported this already" in again.content.decode()


def test_who_is_not_signed_in_signs_in_first(
    published: ListingVersion, client_of: ClientOf, rejected: Decision
) -> None:
    from django.test import Client

    for url in ("/market/globex/analyst/report/", f"/appeals/{rejected.appeal_token}/", "/appeals/"):
        answer = Client().get(url)
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={url}")


def test_a_program_reports(published: ListingVersion, alice: User, mallory: User, api_of: ApiOf) -> None:
    url = f"{API}listings/globex/analyst/reports/"
    sent = {"reason": "injection", "text": "It asks for a password.", "version": published.semver}
    made = api_of(alice).post(url, sent, format="json")
    assert (made.status_code, made.json()["state"], made.json()["reason"]) == (201, "open", "injection")
    assert [api_of(alice).post(url, sent, format="json").status_code, api_of(mallory).post(url, sent, format="json").status_code] == [
        409, 403,
    ]  # fmt: skip
    unknown = api_of(alice).post(url, {**sent, "reason": "boring"}, format="json")
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (400, "reason")
    assert Report.objects.count() == 1


def test_the_author_reads_why_and_appeals(rejected: Decision, mallory: User, client_of: ClientOf) -> None:
    url = f"/appeals/{rejected.appeal_token}/"
    told = Notification.objects.get(user=mallory)
    assert (told.kind, told.url) == ("decision", url)
    assert "It does not run with its own inputs." in told.text
    page = client_of(mallory).get(url).content.decode()
    for words in (
        "It does not run with its own inputs.",
        "spec.tasks[0]",
        "Read it all.",
        "It does not work well enough",
        "3.3 It works",
    ):
        assert words in page
    assert "Moderator" not in page
    assert client_of(mallory).post(url, {"text": "It runs with the second."}).status_code == 302
    assert "had no part in the decision reads it" in client_of(mallory).get(url).content.decode()
    assert Appeal.objects.get().text == "It runs with the second."
    assert url in client_of(mallory).get("/appeals/").content.decode()


def test_strangers_find_nothing(rejected: Decision, alice: User, client_of: ClientOf, api_of: ApiOf) -> None:
    for url in (f"/appeals/{rejected.appeal_token}/", f"/appeals/{uuid4()}/"):
        assert client_of(alice).get(url).status_code == 404
        assert client_of(alice).post(url, {"text": "Me."}).status_code == 404
    assert api_of(alice).get(f"{API}appeals/{rejected.appeal_token}/").status_code == 404
    assert api_of(alice).get(f"{API}appeals/").json()["results"] == []
    assert not Appeal.objects.exists()


def test_a_program_appeals(rejected: Decision, mallory: User, senta: User, api_of: ApiOf) -> None:
    api, url = api_of(mallory), f"{API}appeals/{rejected.appeal_token}/"
    listed = api.get(f"{API}appeals/").json()["results"]
    assert [(one["token"], one["state"], one["reasons"]) for one in listed] == [
        (str(rejected.appeal_token), "stands", [{"code": "quality", "title": "It does not work well enough"}])
    ]
    assert api.post(url, {"text": "It runs."}, format="json").json()["state"] == "appealed"
    assert api.post(url, {"text": "It runs."}, format="json").status_code == 409
    decide_appeal(Appeal.objects.get().pk, overturn=True, answer="It does.", by=senta)
    now = api.get(url).json()
    assert (now["state"], now["may_appeal"], now["appeal"]["answer"]) == ("taken_back", False, "It does.")


def test_a_closed_account_appeals_by_its_link(mallory: User, moderator: User, client_of: ClientOf) -> None:
    from django.test import Client

    decision = suspend(mallory, verdict=against(Action.SUSPEND), by=moderator)
    url = f"/appeals/{decision.appeal_token}/"
    assert "is suspended" in Client().get(url).content.decode()
    assert Client().post(url, {"text": "It was my brother."}).status_code == 302
    assert Appeal.objects.get().by_id == mallory.pk


def test_what_waits_for_a_second_person_is_not_shown(
    published: ListingVersion, moderator: User, mallory: User, client_of: ClientOf
) -> None:
    held = decide(published, verdict=against(Action.PULL), by=moderator)
    assert client_of(mallory).get(f"/appeals/{held.appeal_token}/").status_code == 404
    assert not Notification.objects.filter(user=mallory).exists()
