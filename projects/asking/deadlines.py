"""The moments of an open question: its reminder, and what happens when nobody has answered in time."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from projects.asking import access, telling
from projects.asking.going_on import go_on
from projects.asking.words import Answer
from projects.asking.worker import NOBODY, unanswered
from projects.ledger import close_run
from projects.models import Question, Run
from projects.work.leases import Ending, Lease
from tenants import audit


def remind(lease: Lease) -> Ending:
    """Carry out work of the kind `question.reminder`."""
    with transaction.atomic():
        question = _locked_open(lease.object_id)
        if question is not None and question.reminded_at is None:
            question.reminded_at = timezone.now()
            question.save(update_fields=["reminded_at", "updated_at"])
            telling.say(question, "question.reminder")
            telling.tell_assignee(question, title="A run waits for your answer")
    return "done"


def expire(lease: Lease) -> Ending:
    """Carry out work of the kind `question.deadline`: the run fails, or goes on with what was agreed for this case."""
    with transaction.atomic():
        question = _locked_open(lease.object_id)
        if question is not None:
            _close(question)
    return "done"


def give_up(question_id: UUID, reason: str) -> None:
    """A reminder or a deadline that could not be carried out; the operator's log has the reason."""


def _close(question: Question) -> None:
    run = question.run
    fails = question.at_deadline == Question.AtDeadline.FAIL
    question.status, question.answered_at = Question.Status.EXPIRED, timezone.now()
    question.answer = _agreed(question)
    question.save(update_fields=["status", "answered_at", "answer", "updated_at"])
    audit.record_own("question.expired", question, decision=question.answer["action"], run=str(run.pk))
    telling.closed(question)
    if fails and run.status == Run.Status.WAITING:
        close_run(run, Run.Status.FAILED, "unanswered", unanswered(question))
    else:
        go_on(run)


def _agreed(question: Question) -> dict[str, object]:
    if question.at_deadline == Question.AtDeadline.APPROVE:
        return Answer("approve").to_json()
    if question.at_deadline == Question.AtDeadline.DEFAULT and question.default_answer is not None:
        agreed: dict[str, object] = question.default_answer
        return agreed
    return Answer("reject", NOBODY).to_json()


def _locked_open(question_id: UUID) -> Question | None:
    """The question with its run, both locked; None when it is not open any more."""
    found = Question.objects.filter(pk=question_id).first()
    if found is None:
        return None
    question = access.lock_with_run(found)
    is_open = question.status == Question.Status.OPEN and not question.run.has_ended
    return question if is_open else None
