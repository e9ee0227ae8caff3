"""What happens to a question that nobody answers: a reminder, then what was agreed for its deadline."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from projects.asking import worker
from projects.models import Question, Run
from projects.work import leases, tasks
from projects.work.models import WorkItem
from tenants.context import PUBLIC, enter
from tenants.models import Membership
from tenants.notifications.models import Notification
from tenants.notifications.tasks import send_mails
from tenants.workspace.models import AuditEntry
from tests.asking.conftest import FENCE, asks, waiting


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """Whatever is put off until the commit happens at the end of the block."""
    return django_capture_on_commit_callbacks


def due(kind: str) -> int:
    """Let the moments of this kind come, and carry out what is due now, as a worker does."""
    WorkItem.objects.filter(kind=kind).update(queued_at=timezone.now() - timedelta(hours=1))
    Question.objects.update(deadline_at=timezone.now()) if kind.endswith("deadline") else None
    done = 0
    with enter(PUBLIC):
        while lease := leases.claim(["upkeep"]):
            tasks.carry_out(lease)
            done += 1
    return done


def test_its_moments_stand_in_the_queue_and_nobody_looks_before(run: Run) -> None:
    question = waiting(run, details={"seconds": 600})
    moments = {item.kind: item.queued_at for item in WorkItem.objects.filter(object_id=question.pk)}
    due_at = {"question.reminder": question.remind_at, "question.deadline": question.deadline_at}
    assert moments.keys() == due_at.keys()
    assert all(abs(moments[kind] - at) < timedelta(seconds=60) for kind, at in due_at.items() if at)
    assert question.deadline_at is not None
    assert abs(question.deadline_at - timezone.now() - timedelta(seconds=600)) < timedelta(seconds=30)
    with enter(PUBLIC):
        assert leases.claim(["upkeep"]) is None


def test_the_setting_says_how_long_unless_the_task_does(run: Run, settings: Settings) -> None:
    settings.QUESTION_SECONDS = 7200
    first = waiting(run)
    assert first.deadline_at is not None
    assert timedelta(hours=1, minutes=59) < first.deadline_at - timezone.now() <= timedelta(hours=2)
    assert first.at_deadline == "fail"
    own = {"seconds": 60, "at_deadline": "default", "default": "41"}
    Run.objects.filter(pk=run.pk).update(status="running", snapshot={"tasks": [{"name": "find", "waiting": own}]})
    second = waiting(run, key="find/Reader/q2")
    assert second.deadline_at is not None
    assert second.deadline_at - timezone.now() <= timedelta(seconds=60)
    assert second.at_deadline == "default"
    assert second.default_answer == {"action": "edit", "text": "41", "data": None}


@pytest.mark.parametrize(
    ("details", "answered", "action"),
    [
        ({"at_deadline": "approve"}, "queued", "approve"),
        ({"at_deadline": "default", "default": "41"}, "queued", "edit"),
        ({}, "failed", "reject"),
        ({"at_deadline": "default"}, "failed", "reject"),  # no default: it cannot be used
    ],
)
def test_at_the_deadline(run: Run, details: dict[str, Any], answered: str, action: str) -> None:
    question = waiting(run, details=details)
    assert due("question.deadline") == 1
    question.refresh_from_db()
    run.refresh_from_db()
    assert question.answer is not None
    assert (question.status, question.answer["action"], question.answered_by) == ("expired", action, "")
    assert run.status == answered
    noted = AuditEntry.objects.get(action="question.expired")
    assert (noted.by_name, noted.detail["decision"]) == ("Guildhall", action)
    if answered == "failed":
        assert (run.stop_reason, run.stop_detail) == (
            "unanswered",
            "Nobody answered in time. It asked: Is it right?",
        )
    else:
        given = worker.ask(run.pk, asks(run), fence=FENCE)
        assert given is not None
        assert given.action == action


def test_an_answered_question_has_no_deadline_any_more(run: Run) -> None:
    question = waiting(run)
    Question.objects.filter(pk=question.pk).update(status="answered", answer={"action": "approve"})
    due("question.deadline")
    run.refresh_from_db()
    assert run.status == "waiting"  # whoever answered queues it, not the deadline


def test_a_reminder_goes_to_the_assignee_by_mail(
    run: Run, settings: Settings, victor_here: Membership, committed: Any
) -> None:
    settings.SENDS_MAIL, settings.PUBLIC_URL = True, "https://guildhall.example"
    question = waiting(run)
    Question.objects.filter(pk=question.pk).update(assignee_id=victor_here.user_id, assignee="Victor Vale")
    with committed(execute=True):
        assert due("question.reminder") == 1
        assert due("question.reminder") == 0
    send_mails()
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["victor@acme.example"], "Guildhall: A run waits for your answer")
    assert f"https://guildhall.example/w/acme/runs/{run.pk}/" in sent.body
    assert "Is it right?" not in sent.body  # the workspace's own words stay there
    told = Notification.objects.get(user_id=victor_here.user_id)
    assert (told.kind, told.title, told.url) == ("question", "A run waits for your answer", f"/w/acme/runs/{run.pk}/")
    question.refresh_from_db()
    assert (question.status, question.reminded_at is not None) == ("open", True)


@pytest.mark.parametrize("starter_is_here", [True, False])
def test_where_the_assignee_has_left_somebody_who_is_here_is_reminded(
    run: Run, settings: Settings, victor_here: Membership, committed: Any, starter_is_here: bool
) -> None:
    """Whoever started the run, else the admins: in both cases alice."""
    settings.SENDS_MAIL = True
    question = waiting(run)
    Question.objects.filter(pk=question.pk).update(assignee_id=victor_here.user_id)
    if not starter_is_here:
        Run.objects.filter(pk=run.pk).update(started_by_id=victor_here.user_id)
    victor_here.delete()
    with committed(execute=True):
        assert due("question.reminder") == 1
    send_mails()
    assert [sent.to for sent in mail.outbox] == [["alice@acme.example"]]


def test_without_a_mail_server_nothing_is_written(run: Run, settings: Settings, committed: Any) -> None:
    settings.SENDS_MAIL = False
    waiting(run)
    with committed(execute=True):
        assert due("question.reminder") == 1
    send_mails()
    assert mail.outbox == []
