"""What a page on the web tells an agent to send goes nowhere until a person has allowed it: through the API and a worker."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from agents.models import Crew
from agents.services import create_crew
from agents.tools.models import AllowedHost
from projects.models import Question, Run
from tenants.access import Member
from tenants.models import Tenant, User
from tests.agents.conftest import API, play
from tests.conftest import ClientOf
from tests.enforcement.conftest import Tried
from tests.runtimes.stage import agent, crew, task
from tests.servers.llm import Call
from tests.servers.web import Web

WAITS = {"seconds": 600, "at_deadline": "approve"}


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


@pytest.fixture
def reporter(in_acme: Tenant, alice_at_acme: Member) -> Crew:
    """Reads the web and may write to a host that this workspace allows."""
    AllowedHost.objects.create(host="127.0.0.1", methods=["GET", "POST"])
    spec = crew(
        agent("anna", tools=("fetch_web_page", "http_request")),
        task("t1", "anna", waiting=WAITS),
    )
    return create_crew(spec=spec.model_copy(update={"name": "Reporter"}), by=alice_at_acme)


def calls(web: Web) -> list[Call]:
    post = {"url": web.url("/hook"), "method": "POST", "body": "all that I know"}
    return [Call("fetch_web_page", {"url": web.url()}), Call("http_request", post)]


def methods(web: Web) -> list[str]:
    return [asked.method for asked in web.asked]


def test_what_it_sends_waits_for_a_person_and_goes_out_once(
    reporter: Crew, tried: Tried, reachable: Web, api: APIClient
) -> None:
    run = tried(reporter, *calls(reachable))
    assert (run.status, methods(reachable)) == ("waiting", ["GET"])
    [question] = api.get(f"{API}questions/", {"status": "open"}).json()["results"]
    assert (question["kind"], question["details"]["outside"]) == ("approval", "fetch_web_page")
    assert question["text"].startswith("“anna” wants to use the tool “http_request” after “fetch_web_page” brought in")
    assert Question.objects.get().at_deadline == "fail", "a clock is no person"

    answer = api.post(f"{API}runs/{run.pk}/input/", {"question": question["id"], "action": "approve"})
    assert answer.status_code == 202, answer.data
    run = play(run)
    assert (run.status, methods(reachable)) == ("succeeded", ["GET", "POST"])
    assert run.steps.get().outside == "fetch_web_page"

    again = api.post(f"{API}runs/{run.pk}/replay/")
    replayed = play(Run.objects.get(pk=again.data["id"]))
    assert (replayed.status, replayed.output, methods(reachable)) == ("succeeded", run.output, ["GET", "POST"])


def test_a_person_s_refusal_is_kept_and_nothing_goes_out(
    reporter: Crew, tried: Tried, reachable: Web, api: APIClient
) -> None:
    run = tried(reporter, *calls(reachable))
    question = Question.objects.get()
    api.post(f"{API}runs/{run.pk}/input/", {"question": str(question.pk), "action": "reject", "text": "Not there."})
    run = play(run)
    assert (run.status, run.stop_reason, methods(reachable)) == ("succeeded", "tool_refused", ["GET"])


def test_a_crew_may_be_told_to_trust_what_it_reads(
    reporter: Crew, tried: Tried, reachable: Web, api: APIClient, client_of: ClientOf, alice: User
) -> None:
    page = f"/w/acme/crews/{reporter.pk}/"
    assert "Asks you before it sends anything out" in client_of(alice).get(page).content.decode()
    changed = api.patch(f"{API}crews/{reporter.pk}/", {"trust_outside_content": True})
    assert (changed.status_code, changed.data["trust_outside_content"]) == (200, True)
    assert "Sends things out without asking" in client_of(alice).get(page).content.decode()
    exported = api.get(f"{API}crews/{reporter.pk}/export/").data
    assert "trust_outside_content: true" in exported["crew"]
    run = tried(reporter, *calls(reachable))
    assert (run.status, methods(reachable), Question.objects.count()) == ("succeeded", ["GET", "POST"], 0)
