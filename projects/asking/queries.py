"""Reading questions."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from projects.models import Question, Run


def questions(
    *, status: str | None = None, kind: str | None = None, assignee: UUID | None = None
) -> QuerySet[Question]:
    """Questions of the workspace, newest first. What a run asked that has ended meanwhile is not open any more."""
    found = Question.objects.select_related("run")
    if status == Question.Status.OPEN:
        found = found.exclude(run__status__in=Run.ENDED)
    for name, value in (("status", status), ("kind", kind), ("assignee_id", assignee)):
        if value is not None:
            found = found.filter(**{name: value})
    return found


def questions_of(run: Run) -> QuerySet[Question]:
    return Question.objects.select_related("run").filter(run=run)
