"""Reviews over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from marketplace.reviews.models import Review
from tenants.models import Tenant, User
from tests.conftest import ApiOf
from tests.reviews.conftest import Ran, SomebodyElse

GOOD = {"score": 5, "title": "It reads well", "pros": "Citations"}


@pytest.fixture
def posted(api_of: ApiOf, api_address: str, mallory: User, globex: Tenant, ran: Ran) -> dict[str, Any]:
    ran(globex, 2)
    answer = api_of(mallory).post(api_address, {**GOOD, "workspace": "globex"}, format="json")
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_what_is_said_and_shown(client: Any, api_address: str, posted: dict[str, Any]) -> None:
    assert set(posted) == {
        "id", "score", "title", "body", "pros", "cons", "version", "author", "verified_runs", "helpful", "reply", "edits",
        "created_at", "edited_at",
    }  # fmt: skip
    assert (posted["author"], posted["verified_runs"], posted["reply"], posted["edits"]) == (
        "Mallory Marsh",
        2,
        None,
        [],
    )
    assert client.get(api_address).json()["results"] == [posted]
    assert client.get(f"{api_address}{posted['id']}/").json() == posted
    assert client.get(api_address, {"score": 4}).json()["results"] == []


@pytest.mark.parametrize("query", [{"score": 6}, {"ordering": "best"}, {"colour": "red"}, {"score": "five"}])
def test_a_filter_that_nobody_knows(client: Any, api_address: str, query: dict[str, Any]) -> None:
    assert client.get(api_address, query).status_code == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**GOOD, "score": 0}, 400), ({**GOOD, "score": 6}, 400), ({**GOOD, "score": "5"}, 400), ({**GOOD, "title": ""}, 400),
        ({**GOOD, "verified_runs": 9}, 400), ({**GOOD, "workspace": "acme"}, 404), ({**GOOD, "title": "free followers"}, 400),
    ],
)  # fmt: skip
def test_what_is_refused(
    api_of: ApiOf, api_address: str, mallory: User, globex: Tenant, ran: Ran, body: dict[str, Any], status: int
) -> None:
    ran(globex)
    assert api_of(mallory).post(api_address, body, format="json").status_code == status
    assert Review.objects.count() == 0


def test_who_is_refused(
    api_of: ApiOf, client: Any, api_address: str, alice: User, mallory: User, acme: Tenant, ran: Ran
) -> None:
    ran(acme)
    assert client.post(api_address, GOOD, content_type="application/json").status_code == 401
    own = api_of(alice).post(api_address, GOOD, format="json")
    assert (own.status_code, own.json()["code"]) == (403, "own_listing")
    unearned = api_of(mallory).post(api_address, GOOD, format="json")
    assert (unearned.status_code, unearned.json()["code"]) == (403, "no_run")
    assert Review.objects.count() == 0


def test_twice_is_a_conflict(api_of: ApiOf, api_address: str, mallory: User, posted: dict[str, Any]) -> None:
    again = api_of(mallory).post(api_address, GOOD, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")


def test_changing_and_removing(
    api_of: ApiOf, api_address: str, mallory: User, colleague: SomebodyElse, posted: dict[str, Any]
) -> None:
    one, api = f"{api_address}{posted['id']}/", api_of(mallory)
    assert api_of(colleague("carol")).patch(one, {"score": 1}, format="json").status_code == 403
    assert api.patch(one, {"score": 2}, format="json", HTTP_IF_MATCH='"old"').status_code == 412
    changed = api.patch(one, {"score": 2}, format="json", HTTP_IF_MATCH=api.get(one)["ETag"]).json()
    assert (changed["score"], changed["title"]) == (2, "It reads well")
    assert [(edit["score"], edit["version"]) for edit in changed["edits"]] == [(5, posted["version"])]
    assert api_of(colleague("dave")).delete(one).status_code == 403
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404


def test_votes_replies_and_reports(
    api_of: ApiOf, api_address: str, alice: User, victor: User, mallory: User, posted: dict[str, Any]
) -> None:
    one = f"{api_address}{posted['id']}/"
    assert api_of(victor).put(f"{one}vote/").json()["helpful"] == 1
    assert api_of(victor).put(f"{one}vote/").json()["helpful"] == 1
    assert api_of(mallory).put(f"{one}vote/").status_code == 403
    assert api_of(victor).delete(f"{one}vote/").json()["helpful"] == 0
    assert api_of(victor).put(f"{one}reply/", {"text": "Hello"}, format="json").status_code == 403
    assert api_of(alice).put(f"{one}reply/", {"text": "Thank you"}, format="json").json()["text"] == "Thank you"
    assert api_of(victor).get(one).json()["reply"]["text"] == "Thank you"
    assert api_of(alice).delete(f"{one}reply/").status_code == 204
    assert api_of(alice).delete(f"{one}reply/").status_code == 404
    body = {"reason": "misleading", "text": "It never ran this."}
    assert api_of(victor).post(f"{one}reports/", body, format="json").status_code == 201
    assert api_of(victor).post(f"{one}reports/", body, format="json").status_code == 409
    assert api_of(victor).post(f"{api_address}{uuid4()}/reports/", body, format="json").status_code == 404


def test_a_page_of_reviews_costs_few_statements(
    client: Any, api_address: str, posted: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(3):  # listing, reviews, edits
        client.get(api_address)
