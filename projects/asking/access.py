"""From an outside id to a question: what is not in this workspace does not exist."""

from __future__ import annotations

from uuid import UUID

from projects.models import Question, Run
from tenants.access import Member
from tenants.errors import NotFound


def get_question(member: Member, question_id: UUID, *, run: Run | None = None) -> Question:
    found = Question.objects.select_related("run").filter(pk=question_id)
    question = (found if run is None else found.filter(run=run)).first()
    if question is None:
        raise NotFound("There is no such question in this workspace.")
    return question


def lock_with_run(question: Question) -> Question:
    """The question and its run, both locked; the run first, as its worker does."""
    run = Run.objects.select_for_update().get(pk=question.run_id)
    locked = Question.objects.select_for_update().get(pk=question.pk)
    locked.run = run
    return locked
