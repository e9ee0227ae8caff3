"""Answering what a run asks: who may, what fits, and that the first answer counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from projects.asking import worker
from projects.asking.words import Answer
from projects.models import Question, Run, RunEvent
from projects.work.leases import LeaseLost
from projects.work.models import WorkItem
from tenants.access import Member
from tenants.context import enter
from tenants.models import Membership, Tenant, User
from tenants.workspace.models import AuditEntry
from tests.asking.conftest import API, FENCE, asks, problem, sending_json, waiting
from tests.conftest import ApiOf
from tests.projects.runs import a_run


def answer(api: APIClient, question: Question, **sent: Any) -> Any:
    return api.post(f"{API}runs/{question.run_id}/input/", {"question": str(question.pk), **sent})


def item(run: Run) -> str:
    return WorkItem.objects.get(object_id=run.pk).state


def test_a_run_that_asks_waits_without_a_worker(run: Run) -> None:
    WorkItem.objects.filter(object_id=run.pk).update(state="done")  # as its worker leaves it
    question = waiting(run)
    assert (run.status, question.status, question.assignee) == ("waiting", "open", "Alice Archer")
    assert run.waiting_since is not None
    assert item(run) == "done"
    told = [(event.type, event.data.get("status")) for event in RunEvent.objects.filter(run=run).order_by("seq")]
    assert told == [("run.status", "queued"), ("run.question", "open"), ("run.status", "waiting")]


def test_an_approval_queues_it_again_and_is_on_the_audit_log(api: APIClient, run: Run) -> None:
    WorkItem.objects.filter(object_id=run.pk).update(state="done")
    question = waiting(run)
    answered = answer(api, question, action="approve")
    assert (answered.status_code, answered.json()["status"]) == (202, "queued")
    assert item(run) == "queued"
    question.refresh_from_db()
    assert (question.status, question.answered_by) == ("answered", "Alice Archer")
    assert worker.ask(run.pk, asks(run), fence=FENCE) == Answer("approve")
    [noted] = AuditEntry.objects.filter(action="question.answered")
    assert (noted.target_id, noted.detail) == (question.pk, {"decision": "approve", "run": str(run.pk)})
    assert set(WorkItem.objects.filter(object_id=question.pk).values_list("state", flat=True)) == {"done"}


def test_the_time_of_waiting_is_not_the_runs(api: APIClient, run: Run) -> None:
    question = waiting(run)
    began = run.waiting_since
    assert began is not None
    Run.objects.filter(pk=run.pk).update(waiting_since=began - timedelta(hours=2), deadline_at=began)
    answer(api, question, action="approve")
    run.refresh_from_db()
    assert run.deadline_at is not None
    assert timedelta(hours=2) <= run.deadline_at - began < timedelta(hours=2, seconds=30)
    assert run.waiting_since is None


@pytest.mark.parametrize("hours", [-48, 48])
def test_neither_time_is_another_where_the_worker_s_clock_is_wrong(
    api: APIClient, run: Run, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    right = timezone.now
    ends = right() + timedelta(minutes=10)
    Run.objects.filter(pk=run.pk).update(deadline_at=ends)
    with monkeypatch.context() as machine:
        machine.setattr(timezone, "now", lambda: right() + timedelta(hours=hours))
        question = waiting(run, details={"seconds": 600})
    assert question.deadline_at is not None
    assert abs(question.deadline_at - ends) < timedelta(minutes=1)
    answer(api, question, action="approve")
    run.refresh_from_db()
    assert run.deadline_at is not None
    assert abs(run.deadline_at - ends) < timedelta(minutes=1)


def test_the_first_answer_counts(api: APIClient, run: Run) -> None:
    question = waiting(run)
    assert answer(api, question, action="edit", text="43").status_code == 202
    assert problem(answer(api, question, action="reject")) == (409, "already_answered")
    question.refresh_from_db()
    assert question.answer == {"action": "edit", "text": "43", "data": None}
    assert AuditEntry.objects.filter(action="question.answered").count() == 1


def test_an_answer_that_slips_in_before_the_run_let_go(api: APIClient, run: Run) -> None:
    assert worker.ask(run.pk, asks(run), fence=FENCE) is None
    WorkItem.objects.filter(object_id=run.pk).update(state="running", owner="w", lease_until="2100-01-01T00:00Z")
    question = Question.objects.get()
    assert answer(api, question, action="approve").status_code == 202
    assert WorkItem.objects.get(object_id=run.pk).again
    assert worker.suspend(run.pk, fence=FENCE, keys=[question.key]) is False
    run.refresh_from_db()
    assert (run.status, run.waiting_since) == ("queued", None)


def test_a_worker_that_lost_the_run_asks_and_lets_go_of_nothing(run: Run) -> None:
    with pytest.raises(LeaseLost):
        worker.ask(run.pk, asks(run), fence=FENCE - 1)
    with pytest.raises(LeaseLost):
        worker.suspend(run.pk, fence=FENCE - 1, keys=[])
    run.refresh_from_db()
    assert (run.status, Question.objects.count()) == ("running", 0)


def test_a_crash_asks_the_same_question_once(run: Run) -> None:
    for _ in range(2):
        assert worker.ask(run.pk, asks(run), fence=FENCE) is None
    assert Question.objects.count() == 1


@pytest.mark.parametrize(
    "now", [{"draft": "43"}, {"kind": "approval", "details": {"tool": "send", "arguments": {"to": "everybody"}}}]
)
def test_an_answer_is_for_what_the_person_saw(api: APIClient, run: Run, now: dict[str, Any]) -> None:
    before = now | ({"details": {"tool": "send", "arguments": {"to": "bob"}}} if "details" in now else {"draft": "42"})
    answer(api, waiting(run, **before), action="approve")
    Run.objects.filter(pk=run.pk).update(status="running")
    assert worker.ask(run.pk, asks(run, **before), fence=FENCE) == Answer("approve")
    assert worker.ask(run.pk, asks(run, **now), fence=FENCE) is None
    assert Question.objects.get(run=run).status == "open"


@pytest.mark.parametrize(
    ("asked", "sent", "field"),
    [
        ({}, {"action": "value", "text": "x"}, "action"),
        ({}, {"action": "feedback", "text": "  "}, "text"),
        ({}, {"action": "edit"}, "text"),
        ({"kind": "approval"}, {"action": "edit", "text": "x"}, "data"),
        ({"kind": "input"}, {"action": "value"}, "text"),
        ({"kind": "input"}, {"action": "approve"}, "action"),
        (
            {"kind": "input", "details": {"inputs": [{"name": "port"}, {"name": "day"}]}},
            {"action": "value", "data": {"port": "Rotterdam"}},
            "data.day",
        ),
        (
            {"kind": "input", "details": {"inputs": [{"name": "port"}]}},
            {"action": "value", "data": {"port": "Rotterdam", "ship": "x"}},
            "data.ship",
        ),
        ({"kind": "budget"}, {"action": "edit", "text": "x"}, "action"),
        ({}, {"action": "edit", "text": "x" * 100_001}, "text"),
    ],
)
def test_what_does_not_fit_the_question_is_refused(
    api: APIClient, run: Run, asked: dict[str, Any], sent: dict[str, Any], field: str
) -> None:
    question = waiting(run, **asked)
    refused = answer(api, question, **sent)
    assert problem(refused) == (400, "invalid")
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    question.refresh_from_db()
    run.refresh_from_db()
    assert (question.status, question.answer, run.status) == ("open", None, "waiting")


def test_an_edit_must_fit_the_tasks_schema(api: APIClient, run: Run) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    Run.objects.filter(pk=run.pk).update(snapshot={"tasks": [{"name": "find", "output_schema": schema}]})
    question = waiting(run)
    for wrong in (
        "no JSON",
        '{"n": "many"}',
        "{}",
        '{"n": 3, "m": NaN}',
        '{"n": 3, "m": "\\u0000"}',
        '{"n": 3, "m": "\\ud800"}',
    ):
        refused = answer(api, question, action="edit", text=wrong)
        assert [(error["field"], error["code"]) for error in refused.json()["errors"]] == [("text", "schema")]
    assert answer(api, question, action="edit", text='{"n": 3}').status_code == 202


def test_a_viewer_may_look_but_not_answer_unless_it_is_given_to_them(
    api: APIClient, victors: APIClient, victor_here: Membership, run: Run
) -> None:
    question = waiting(run)
    assert victors.get(f"{API}questions/{question.pk}/").json()["draft"] == "42"
    assert problem(answer(victors, question, action="approve")) == (403, "forbidden")
    assert problem(victors.post(f"{API}questions/{question.pk}/assign/", {"member": str(victor_here.pk)})) == (
        403,
        "forbidden",
    )
    question.refresh_from_db()
    assert (question.status, question.assignee) == ("open", "Alice Archer")

    given = api.post(f"{API}questions/{question.pk}/assign/", {"member": str(victor_here.pk)})
    assert (given.status_code, given.json()["assignee"]) == (200, "Victor Vale")
    assert answer(victors, question, action="approve").status_code == 202


def test_a_key_of_a_viewer_answers_nothing_though_its_maker_may(api: APIClient, run: Run) -> None:
    """Alice was given the question; who holds her key for reading was not."""
    question = waiting(run)
    made = api.post(f"{API}api-keys/", {"name": "dashboard", "role": "viewer"})
    reader = sending_json(APIClient(headers={"authorization": f"Bearer {made.json()['key']}"}))
    assert reader.get(f"{API}questions/{question.pk}/").status_code == 200
    assert problem(answer(reader, question, action="approve")) == (403, "forbidden")
    question.refresh_from_db()
    assert (question.status, question.answer) == ("open", None)


def test_it_is_given_to_members_only(api: APIClient, run: Run, mallory: User) -> None:
    question = waiting(run)
    elsewhere = Membership.objects.get(user=mallory)
    refused = api.post(f"{API}questions/{question.pk}/assign/", {"member": str(elsewhere.pk)})
    assert problem(refused) == (404, "not_found")
    question.refresh_from_db()
    assert question.assignee == "Alice Archer"


def test_nobody_else_can(api_of: ApiOf, mallory: User, run: Run, acme: Tenant) -> None:
    question = waiting(run)
    mallorys = sending_json(api_of(mallory))
    assert problem(answer(mallorys, question, action="approve")) == (404, "not_found")
    at_home = mallorys.post(
        f"/w/globex/api/v1/runs/{run.pk}/input/", {"question": str(question.pk), "action": "approve"}
    )
    assert problem(at_home) == (404, "not_found")
    assert problem(mallorys.get(f"/w/globex/api/v1/questions/{question.pk}/")) == (404, "not_found")
    with enter(acme.schema_name):
        question.refresh_from_db()
    assert question.status == "open"


def test_a_question_of_another_run_is_not_found(api: APIClient, run: Run, alice_at_acme: Member) -> None:
    question = waiting(run)
    other = a_run(alice_at_acme)
    sent = {"question": str(question.pk), "action": "approve"}
    assert problem(api.post(f"{API}runs/{other.pk}/input/", sent)) == (404, "not_found")


def test_a_waiting_run_can_be_cancelled_and_asks_no_more(api: APIClient, run: Run) -> None:
    question = waiting(run)
    assert api.post(f"{API}runs/{run.pk}/cancel/").json()["status"] == "cancelled"
    question.refresh_from_db()
    assert question.status == "withdrawn"
    assert problem(answer(api, question, action="approve")) == (409, "wrong_state")


def test_the_list_of_what_is_open(
    api: APIClient, victors: APIClient, run: Run, django_assert_max_num_queries: Any, in_acme: Tenant
) -> None:
    question = waiting(run)
    for n in range(2, 5):
        worker_question = asks(run, key=f"find/Reader/q{n}")
        Run.objects.filter(pk=run.pk).update(status="running")
        worker.ask(run.pk, worker_question, fence=FENCE)
    Question.objects.filter(key="find/Reader/q2").update(status="answered", answer={"action": "approve"})
    with django_assert_max_num_queries(7):
        found = api.get(f"{API}questions/", {"status": "open"}).json()["results"]
    assert len(found) == 3
    assert found[-1] == api.get(f"{API}questions/{question.pk}/").json()
    assert (found[-1]["title"], found[-1]["actions"]) == ("Two steps", ["approve", "edit", "feedback", "reject"])
    assert len(api.get(f"{API}runs/{run.pk}/questions/").json()["results"]) == 4
    assert len(api.get(f"{API}questions/", {"status": "open", "assignee": "me"}).json()["results"]) == 3
    assert victors.get(f"{API}questions/", {"assignee": "me"}).json()["results"] == []
    assert problem(api.get(f"{API}questions/", {"assignee": "alice"})) == (400, "invalid")
