"""Runs for programs: list, read, follow, cancel, retry, resume, delete."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.ledger import Step
from projects.models import Run
from tenants.access import Member
from tenants.models import User
from tests.conftest import ApiOf
from tests.projects.runs import a_ledger, a_run, emit, finish_step, start_agent, stop, succeed

pytestmark = pytest.mark.usefixtures("in_acme")
RUNS = "/w/acme/api/v1/runs/"


@pytest.fixture
def api(api_of: ApiOf, alice: User) -> APIClient:
    return api_of(alice)


def problem(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


def test_a_run_shows_what_it_used_and_who_did_what(api: APIClient, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()
    start_agent(ledger, "find", "Reader")
    finish_step(ledger, Step("find", 0, "Reader", "42"))
    succeed(ledger, "There are 42.")
    answer = api.get(f"{RUNS}{run.pk}/")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["output"], body["stop_reason"]) == ("succeeded", "There are 42.", "finished")
    assert body["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "cost": 0.0}
    assert [(a["task"], a["agent"], a["status"]) for a in body["agent_runs"]] == [("find", "Reader", "succeeded")]
    assert "snapshot" not in body


def test_the_list_filters_and_needs_a_fixed_number_of_queries(
    api: APIClient, alice_at_acme: Member, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        a_run(alice_at_acme)
    a_ledger()
    api.get(RUNS)
    with django_assert_max_num_queries(6):
        answer = api.get(RUNS, {"status": "queued"})
    assert [run["status"] for run in answer.json()["results"]] == ["queued"] * 4


@pytest.mark.parametrize(
    "query", [{"statuss": "queued"}, {"status": "odd"}, {"project": "7"}, {"order_by": "user__password"}]
)
def test_a_wrong_filter_is_refused(api: APIClient, query: dict[str, str]) -> None:
    assert problem(api.get(RUNS, query)) == (400, "invalid")


def test_pages_follow_each_other_without_a_gap(api: APIClient, alice_at_acme: Member) -> None:
    made = [str(a_run(alice_at_acme).pk) for _ in range(5)]
    first = api.get(RUNS, {"page_size": 3}).json()
    second = api.get(first["next"]).json()
    assert [r["id"] for r in first["results"] + second["results"]] == made[::-1]
    assert second["next"] is None


def test_events_after_a_number(api: APIClient, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()
    emit(ledger, "agent.status", agent="Reader", status="working")
    ledger.flush()
    body = api.get(f"{RUNS}{run.pk}/events/", {"after": 1}).json()
    assert [(e["seq"], e["type"]) for e in body["results"]] == [(2, "run.status"), (3, "agent.status")]
    assert body["last_seq"] == 3
    assert problem(api.get(f"{RUNS}{run.pk}/events/", {"after": "-1"})) == (400, "invalid")


def test_events_as_a_stream_until_the_end(api: APIClient, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    succeed(a_ledger(), "42")
    answer = api.get(f"{RUNS}{run.pk}/events/", HTTP_ACCEPT="text/event-stream", HTTP_LAST_EVENT_ID="1")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert [line for line in text.splitlines() if line.startswith("id:")] == ["id: 2", "id: 3"]
    assert '"status":"succeeded"' in text


def test_cancel_is_answered_at_once(api: APIClient, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    answer = api.post(f"{RUNS}{run.pk}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert problem(api.post(f"{RUNS}{run.pk}/cancel/")) == (409, "wrong_state")


def test_retry_starts_anew_and_resume_keeps_finished_steps(api: APIClient, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    ledger = a_ledger()
    finish_step(ledger, Step("find", 0, "Reader", "42"))
    stop(ledger, Run.Status.FAILED, "provider", "No provider answered.")
    again = Run.objects.get(pk=api.post(f"{RUNS}{run.pk}/retry/").json()["id"])
    resumed = Run.objects.get(pk=api.post(f"{RUNS}{run.pk}/resume/").json()["id"])
    assert [s.task for s in again.steps.all()] == []
    assert [s.task for s in resumed.steps.all()] == ["find"]
    assert again.snapshot == resumed.snapshot == run.snapshot
    run.refresh_from_db()
    assert run.status == "failed"


def test_a_run_that_goes_on_cannot_be_retried_or_deleted(api: APIClient, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    for answer in (
        api.post(f"{RUNS}{run.pk}/retry/"),
        api.post(f"{RUNS}{run.pk}/resume/"),
        api.delete(f"{RUNS}{run.pk}/"),
    ):
        assert problem(answer) == (409, "wrong_state")
    assert Run.objects.count() == 1


def test_a_viewer_may_look_but_not_touch(api_of: ApiOf, victor: User, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    api = api_of(victor)
    assert api.get(f"{RUNS}{run.pk}/").status_code == 200
    for answer in (api.post(f"{RUNS}{run.pk}/cancel/"), api.delete(f"{RUNS}{run.pk}/")):
        assert problem(answer) == (403, "forbidden")
    run.refresh_from_db()
    assert run.status == "queued"


def test_nobody_else_can(api_of: ApiOf, mallory: User, alice_at_acme: Member) -> None:
    run = a_run(alice_at_acme)
    api = api_of(mallory)
    there = api.get(f"/w/globex/api/v1/runs/{run.pk}/")
    missing = api.get(f"/w/globex/api/v1/runs/{run.project_id}/")
    assert problem(there) == problem(missing) == (404, "not_found")
    assert there.content == missing.content
    assert problem(api.post(f"{RUNS}{run.pk}/cancel/")) == (404, "not_found")
    assert problem(api.get("/w/no-such-place/api/v1/runs/")) == (404, "not_found")
    assert problem(APIClient().get(RUNS)) == (401, "not_authenticated")
    run.refresh_from_db()
    assert run.status == "queued"
