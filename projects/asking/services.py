"""What a person may do with questions: answer them, and give them to somebody else."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from projects.asking import access, telling
from projects.asking.checking import refuse_misfit
from projects.asking.going_on import go_on
from projects.asking.timing import let_rest
from projects.asking.words import Answer
from projects.budgets import services as budgets
from projects.models import Question, Run
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import WrongState
from tenants.models import Membership


@transaction.atomic
def answer_question(*, question: Question, answer: Answer, by: Member) -> Run:
    """Answer an open question; its run goes on at once. Of two answers the first counts, the second is refused.

    Builders may answer, and whoever it was given to, in person: a key does at most what its role may.
    """
    if question.assignee_id != by.user_id or by.via == "api_key":
        require_builder(by)
    question = access.lock_with_run(question)
    _refuse_closed(question)
    refuse_misfit(question, answer)
    if question.kind == Question.Kind.BUDGET and answer.action == "approve":
        budgets.grant(question=question, data=answer.data, by=by)
    question.status, question.answer = Question.Status.ANSWERED, answer.to_json()
    question.answered_by_id, question.answered_by = by.user_id, by.name
    question.answered_at = timezone.now()
    question.save(update_fields=["status", "answer", "answered_by_id", "answered_by", "answered_at", "updated_at"])
    let_rest(question)
    audit.record("question.answered", question, by=by, decision=answer.action, run=str(question.run_id))
    telling.closed(question)
    go_on(question.run)
    return question.run


@transaction.atomic
def assign_question(*, question: Question, to: Membership, by: Member) -> Question:
    """Give an open question to another member, who may then answer it, whatever their role is."""
    require_builder(by)
    question = access.lock_with_run(question)
    _refuse_closed(question)
    question.assignee_id, question.assignee = to.user_id, to.user.get_full_name()
    question.save(update_fields=["assignee_id", "assignee", "updated_at"])
    audit.record("question.assigned", question, by=by, to=question.assignee, run=str(question.run_id))
    telling.say(question, "question.assigned")
    if to.user_id != by.user_id:
        telling.tell_assignee(question, title=f"{by.name} gave you a question")
    return question


def _refuse_closed(question: Question) -> None:
    if question.run.has_ended:
        raise WrongState("The run of this question has ended; nothing waits for an answer any more.")
    if question.status != Question.Status.OPEN:
        who = question.answered_by or "its deadline"
        raise WrongState(f"This question was answered by {who} already.", code="already_answered")
