"""A link to one run: what it shows, to whom, for how long, and that nothing else comes with it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.knowledge.models import Chunk, Document, KnowledgeCollection
from projects.models import Run, ShareLink, StepOutput
from projects.sharing.tokens import new_token
from tenants.access import Member
from tenants.models import Tenant, User
from tenants.workspace.models import AuditEntry
from tests.asking.conftest import problem, sending_json
from tests.conftest import ApiOf
from tests.projects.runs import a_run

RUNS = "/w/acme/api/v1/runs/"
SNAPSHOT = {
    "name": "Relay",
    "agents": [{"name": "reader", "role": "Reader of {question}"}],
    "tasks": [{"name": "find", "agent": "reader", "description": "Find out: {question}"}],
}


@pytest.fixture
def api(api_of: ApiOf, alice: User, in_acme: Tenant) -> APIClient:
    return sending_json(api_of(alice))


@pytest.fixture
def run(in_acme: Tenant, alice_at_acme: Member) -> Run:
    run = a_run(alice_at_acme)
    StepOutput.objects.create(run=run, task="find", position=0, agent="reader", output="Forty-two berths.")
    Run.objects.filter(pk=run.pk).update(
        status="succeeded",
        snapshot=SNAPSHOT,
        inputs={"question": "How many berths has Riverside?"},
        output="There are **forty-two** berths.",
        finished_at=timezone.now(),
    )
    run.refresh_from_db()
    return run


def path_of(answer: Any) -> str:
    assert answer.status_code == 201, answer.data
    url: str = answer.json()["url"]
    return "/" + url.split("/", 3)[3]


def without_itself(path: str, answer: Any) -> str:
    """The page, less its own address and the token of its forms."""
    return re.sub(r'value="[\w]{64}"', "", answer.content.decode().replace(path, ""))


def share(api: APIClient, run: Run, **sent: Any) -> str:
    return path_of(api.post(f"{RUNS}{run.pk}/links/", sent))


def test_anybody_with_the_address_reads_the_story_and_the_result(api: APIClient, run: Run) -> None:
    path = share(api, run)
    assert re.fullmatch(r"/shared/runs/[\w-]{54}/", path)
    answer = Client().get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<strong>forty-two</strong>" in page
    assert "Forty-two berths." in page
    assert "How many berths has Riverside?" not in page  # inputs only where they were chosen
    assert "Find out: {question}" in page
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"


def test_nothing_of_the_workspace_comes_with_it(api: APIClient, run: Run) -> None:
    page = Client().get(share(api, run)).content.decode()
    for hidden in ("/w/acme", "Acme", "Alice Archer", "alice@", str(run.pk), "data-socket", "<form"):
        assert hidden not in page, hidden


def test_citations_say_whether_they_hold_and_lead_nowhere(api: APIClient, run: Run) -> None:
    shelf = KnowledgeCollection.objects.create(name="Studies")
    document = Document.objects.create(collection=shelf, name="port.pdf", size=1, uploaded_by_id=run.started_by_id)
    Document.objects.filter(pk=document.pk).update(state="ready", passage_count=1, ready_at=timezone.now())
    text = "The harbour of Riverside has forty-two berths for barges."
    Chunk.objects.create(document=document, position=0, section=0, start=0, locator="p. 2", text=text)
    Run.objects.filter(pk=run.pk).update(output='"has forty-two berths for barges" [port.pdf, p. 2]')
    page = Client().get(share(api, run)).content.decode()
    assert 'data-verdict="verified"' in page
    assert "documents/" not in page


def test_a_run_that_waits_is_read_without_what_it_asks(api: APIClient, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(status="waiting", finished_at=None, waiting_since=timezone.now())
    run.agent_runs.create(task="find", agent="reader", position=0, started_at=timezone.now())
    run.steps.all().delete()
    run.questions.create(key="q", kind="review", task="find", text="Does the answer stand?", assignee="Alice Archer")
    answer = Client().get(share(api, run))
    page = answer.content.decode()
    assert (answer.status_code, "Waiting for a person" in page) == (200, True)
    assert not any(hidden in page for hidden in ("Alice Archer", "Does the answer stand?", "/questions/"))


def test_inputs_only_if_they_were_chosen(api: APIClient, run: Run) -> None:
    page = Client().get(share(api, run, shows_inputs=True)).content.decode()
    assert "Find out: How many berths has Riverside?" in page
    assert '<span class="input-value">How many berths has Riverside?</span>' in page


def test_pictures_stay_in_the_workspace(api: APIClient, run: Run) -> None:
    told = {"name": "beach.jpg", "media_type": "image/png", "size": 9, "width": 8, "height": 8, "sha256": "0" * 64}
    Run.objects.filter(pk=run.pk).update(pictures=[told])
    hidden, with_inputs = (
        Client().get(share(api, run, shows_inputs=shows)).content.decode() for shows in (False, True)
    )
    assert "Pictures" not in hidden
    assert "1, which this link does not show" in with_inputs
    assert all("beach.jpg" not in page and "<img" not in page for page in (hidden, with_inputs))


def test_it_ends_by_itself_and_can_be_taken_back(api: APIClient, run: Run) -> None:
    ended, revoked = share(api, run, days=1), share(api, run)
    first, second = ShareLink.objects.order_by("created_at")
    ShareLink.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(hours=1))
    assert api.delete(f"{RUNS}{run.pk}/links/{second.pk}/").status_code == 204
    made_up = f"/shared/runs/{new_token(run.pk).text}/"
    of_acme = f"/shared/runs/{new_token(Tenant.objects.get(slug='acme').pk).text}/"
    answers = {path: Client().get(path) for path in (ended, revoked, made_up, of_acme, "/shared/runs/x/")}
    assert [answer.status_code for answer in answers.values()] == [404] * 5
    assert len({without_itself(path, answer) for path, answer in answers.items()}) == 1


def test_a_suspended_workspace_shows_nothing(api: APIClient, run: Run, acme: Tenant) -> None:
    path = share(api, run)
    Tenant.objects.filter(pk=acme.pk).update(status=Tenant.Status.SUSPENDED)
    assert Client().get(path).status_code == 404


def test_only_the_digest_is_kept_and_the_address_is_shown_once(api: APIClient, run: Run) -> None:
    token = share(api, run).split("/")[3]
    link = ShareLink.objects.get()
    assert token not in str(ShareLink.objects.values())
    [shown] = api.get(f"{RUNS}{run.pk}/links/").json()["results"]
    assert (shown["id"], shown["shows_inputs"], "url" in shown) == (str(link.pk), False, False)


def test_making_and_taking_back_is_on_the_audit_log(api: APIClient, run: Run) -> None:
    share(api, run, days=7)
    link = ShareLink.objects.get()
    for _ in range(2):
        api.delete(f"{RUNS}{run.pk}/links/{link.pk}/")
    noted = list(
        AuditEntry.objects.filter(action__contains="shared").order_by("created_at").values_list("action", "detail")
    )
    assert noted == [
        ("run.shared", {"link": str(link.pk), "days": 7, "shows_inputs": False}),
        ("run.unshared", {"link": str(link.pk)}),
    ]


def test_how_often_an_address_may_look(api: APIClient, run: Run, settings: Settings) -> None:
    settings.SHARED_REQUESTS_PER_MINUTE = 2
    path = share(api, run)
    client = Client(REMOTE_ADDR="203.0.113.77")
    answers = [client.get(path) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert answers[-1].status_code == 429 or answers[-1].status_code == 200
    assert int(next(a for a in answers if a.status_code == 429)["Retry-After"]) <= 60


@pytest.mark.parametrize("days", [0, 366])
def test_a_link_does_not_work_for_ever(api: APIClient, run: Run, days: int) -> None:
    refused = api.post(f"{RUNS}{run.pk}/links/", {"days": days})
    assert problem(refused) == (400, "invalid")
    assert not ShareLink.objects.exists()


def test_viewers_and_strangers_make_and_take_back_none(
    api: APIClient, api_of: ApiOf, victor: User, mallory: User, run: Run
) -> None:
    share(api, run)
    link = ShareLink.objects.get()
    victors, mallorys = sending_json(api_of(victor)), sending_json(api_of(mallory))
    assert problem(victors.post(f"{RUNS}{run.pk}/links/", {})) == (403, "forbidden")
    assert problem(victors.delete(f"{RUNS}{run.pk}/links/{link.pk}/")) == (403, "forbidden")
    assert problem(mallorys.post(f"{RUNS}{run.pk}/links/", {})) == (404, "not_found")
    assert problem(mallorys.delete(f"{RUNS}{run.pk}/links/{link.pk}/")) == (404, "not_found")
    api.get(RUNS)
    assert [(each.pk, each.revoked_at) for each in ShareLink.objects.all()] == [(link.pk, None)]
