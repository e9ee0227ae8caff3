"""Publishing a crew on pages, task by task, without a script."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from agents.models import Crew
from agents.services import create_crew
from marketplace.drafts.models import Draft
from marketplace.models import ListingVersion
from marketplace.moderation import transitions
from marketplace.moderation.actors import SYSTEM
from tenants.access import Member
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.publishing.conftest import sent_back
from tests.runtimes.stage import agent, crew, task

HOME = "/w/acme/publish/"
TEXT = {
    "title": "Tide reader",
    "name": "tide-reader",
    "summary": "Answers from your tide tables.",
    "description": "It looks up and answers.\n\nIt does not forecast.",
    "category": "research",
    "tags": "Tides, harbour work",
    "license": "MIT",
    "data_goes_to": "The workspace's model.",
    "personal_data": "None.",
    "known_limits": "It reads passages.\nIt may miss tables.",
    "human_oversight": "Every statement names its source.",
}
SAMPLE = {
    "example-topic": "spring tides",
    "document_title": "Tide table",
    "document_text": "Spring tides come twice a month.",
    "expected": "twice a month",
    "offline": "on",
    "minutes": "10",
    "usd": "0.5",
}


@pytest.fixture
def tides(in_acme: Tenant, alice_at_acme: Member) -> Crew:
    spec = crew(agent("reader", tools=("search_knowledge",)), task("answer", "reader", description="Say when: {topic}"))
    spec = spec.model_copy(update={"name": "Tides"})
    return create_crew(spec=spec, by=alice_at_acme)


@pytest.fixture
def browser(client_of: ClientOf, alice: User) -> Client:
    return client_of(alice)


def begun(browser: Client, tides: Crew) -> str:
    answer = browser.post(f"{HOME}new/", {"source": f"crew:{tides.pk}"})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def saved(browser: Client, draft: str, task_name: str, **told: str) -> str:
    """Save one task; where it leads next."""
    answer = browser.post(f"{draft}{task_name}/", told)
    assert answer.status_code == 302, re.findall(r"errorlist[^>]*>.*?</ul>", answer.content.decode(), re.DOTALL)
    return str(answer["Location"])


def states(browser: Client, draft: str) -> list[str]:
    page = browser.get(draft).content.decode()
    return re.findall(r"</svg>\s*(Done|To do|Look at this)\s*</span>", page)


def test_six_tasks_lead_to_a_version(browser: Client, tides: Crew, moderator: User) -> None:
    assert "Tides" in browser.get(f"{HOME}new/").content.decode()
    draft = begun(browser, tides)
    assert states(browser, draft)[0] == "Done"
    assert states(browser, draft)[1:4] == ["To do"] * 3
    assert saved(browser, draft, "text", **TEXT) == f"{draft}inputs/"
    assert "Tide reader" in browser.get(f"{draft}text/").content.decode()
    assert saved(browser, draft, "inputs", **SAMPLE) == f"{draft}permissions/"
    asked = browser.get(f"{draft}permissions/").content.decode()
    assert "Read this workspace’s documents" in asked
    whys = dict.fromkeys(re.findall(r'name="(why-\d+)"', asked), "The reader looks it up.")
    assert len(whys) == 3
    assert saved(browser, draft, "permissions", **whys) == f"{draft}checks/"
    checked = browser.get(f"{draft}checks/").content.decode()
    assert "nothing was found" in checked, re.findall(r'class="notice".*?</div>', checked, re.DOTALL)
    assert states(browser, draft) == ["Done"] * 5 + ["To do"]
    review = browser.get(f"{draft}send/").content.decode()
    assert 'value="1.0.0"' in review
    assert "acme/tide-reader" in review
    where = saved(browser, draft, "send", visibility="public", version="1.0.0", notes="First version.")
    version = ListingVersion.objects.get()
    assert where == f"{HOME}versions/{version.pk}/"
    manifest = version.manifest
    assert manifest["metadata"]["tags"] == ["tides", "harbour-work"]
    assert [each["why"] for each in manifest["permissions"]] == ["The reader looks it up."] * 3
    assert manifest["evaluation"]["cases"][0]["expect"] == [{"kind": "contains", "value": "twice a month"}]
    assert "The checks begin in a moment." in browser.get(where).content.decode()
    assert "Tide reader" in browser.get(HOME).content.decode()
    assert browser.post(f"{draft}text/", TEXT).status_code == 409
    assert ListingVersion.objects.count() == 1


def test_each_fault_leads_to_the_task_that_mends_it(browser: Client, tides: Crew) -> None:
    draft = begun(browser, tides)
    bad = browser.post(f"{draft}text/", {**TEXT, "name": "Not an address"})
    assert bad.status_code == 422
    assert "Not an address" in bad.content.decode()
    saved(browser, draft, "text", **{**TEXT, "description": "Sign in with AKIAQ3EGRIVAKXCN5T2M here."})
    saved(browser, draft, "inputs", **SAMPLE)
    checks = browser.get(f"{draft}checks/").content.decode()
    assert f'href="{draft}text/"' in checks
    assert "CN5T2M" not in checks
    assert states(browser, draft)[1] == "Look at this"


def test_an_author_says_that_it_may_start_by_itself(browser: Client, tides: Crew) -> None:
    draft = begun(browser, tides)
    assert 'name="scheduled"' in browser.get(f"{draft}permissions/").content.decode()
    saved(browser, draft, "permissions", scheduled="on", **dict.fromkeys(("why-0", "why-1", "why-2"), "It reads."))
    asked = browser.get(f"{draft}permissions/").content.decode()
    assert "Be started by a schedule, with nobody watching (medium risk)" in asked
    assert "started at set times" in asked
    saved(browser, draft, "permissions", **dict.fromkeys(("why-0", "why-1", "why-2", "why-3"), "It reads."))
    assert "with nobody watching" not in browser.get(f"{draft}permissions/").content.decode()


def test_who_may_draft_and_who_may_send(
    client_of: ClientOf, browser: Client, tides: Crew, victor: User, mallory: User
) -> None:
    draft = begun(browser, tides)
    assert client_of(victor).get(draft).status_code == 403
    assert client_of(mallory).get(draft).status_code == 404
    assert client_of(victor).get(HOME).status_code == 200
    assert browser.post(f"{draft}delete/").status_code == 302
    assert Draft.objects.count() == 0


def test_an_update_begins_at_its_end_with_the_difference(browser: Client, tides: Crew, moderator: User) -> None:
    draft = begun(browser, tides)
    saved(browser, draft, "text", **TEXT)
    saved(browser, draft, "inputs", **SAMPLE)
    saved(browser, draft, "send", visibility="private", version="1.0.0", notes="First version.")
    version = ListingVersion.objects.select_related("listing").get()
    for state in ("checking", "approved"):
        _move(version, state)
    where = browser.post(f"{HOME}listings/{version.listing_id}/update/")
    assert where.status_code == 302
    assert where["Location"].endswith("/send/")
    update = where["Location"].removesuffix("send/")
    saved(browser, update, "text", **{**TEXT, "description": "It looks up, and says where."})
    page = browser.get(where["Location"]).content.decode()
    assert "What 1.0.1 changes from 1.0.0" in page
    assert 'value="1.0.1"' in page
    low = browser.post(where["Location"], {"visibility": "private", "version": "1.0.0", "notes": "Words."})
    assert low.status_code in {400, 409}
    assert ListingVersion.objects.count() == 1
    assert browser.get(f"{HOME}listings/{version.listing_id}/").status_code == 200


def test_sent_back_the_draft_opens_again(browser: Client, tides: Crew, moderator: User) -> None:
    draft = begun(browser, tides)
    saved(browser, draft, "text", **TEXT)
    saved(browser, draft, "inputs", **SAMPLE)
    saved(browser, draft, "send", visibility="public", version="1.0.0", notes="First version.")
    version = ListingVersion.objects.get()
    _move(version, "checking")
    _move(version, "in_review")
    sent_back(version, moderator)
    page = browser.get(f"{HOME}versions/{version.pk}/").content.decode()
    assert "Say what the measures mean." in page
    assert "/appeals/" in page
    assert browser.post(f"{HOME}versions/{version.pk}/correct/")["Location"] == draft
    saved(browser, draft, "text", **{**TEXT, "description": "It looks up. Measures are in metres."})
    saved(browser, draft, "send", visibility="public", version="1.0.0", notes="First version.")
    version.refresh_from_db()
    assert (version.review_state, version.manifest["metadata"]["description"]) == (
        "submitted",
        "It looks up. Measures are in metres.",
    )


def _move(version: ListingVersion, state: str) -> None:
    version.refresh_from_db()
    states = ListingVersion.ReviewState
    transitions.move(version.pk, to=states(state), expected={states(version.review_state)}, by=SYSTEM)
