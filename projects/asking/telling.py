"""Who hears of a question: the run's story, open pages of the workspace, and, wherever they are, the one whom it is for."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from projects import events
from projects.events import Line
from projects.models import Question
from projects.realtime import publish
from tenants.access import Role
from tenants.addresses import workspace_reverse
from tenants.context import current_schema
from tenants.models import Tenant, User
from tenants.notifications.models import Kind
from tenants.notifications.queries import people_of
from tenants.notifications.services import notify

LONGEST_TEXT = 500


def asked(question: Question) -> None:
    """A new question, in the story and on open pages."""
    _in_story(question, "open")
    say(question, "question.asked")


def closed(question: Question) -> None:
    _in_story(question, question.status)
    say(question, "question.closed")


def say(question: Question, what: str) -> None:
    """A live message to this workspace's open pages, after the commit. What it is about stands in the question itself."""
    data = {
        "what": what,
        "question": str(question.pk),
        "run": str(question.run_id),
        "kind": question.kind,
        "text": question.text[:LONGEST_TEXT],
        "assignee_id": str(question.assignee_id) if question.assignee_id else None,
        "deadline_at": question.deadline_at.isoformat() if question.deadline_at else None,
    }
    message = {"type": "notification", "seq": None, "timestamp": timezone.now().isoformat(), "data": data}
    transaction.on_commit(partial(publish, "notifications", message, schema=current_schema()))


def tell_assignee(question: Question, *, title: str) -> None:
    """A message to the one whom it is for, in the site and by mail; where they have left, to whoever started the run, else to the admins.

    The question itself stays in the workspace, where whoever left it cannot read it: the message only leads to it.
    """
    tenant = Tenant.objects.get(schema_name=current_schema())
    until = f"{question.deadline_at:%-d %B %Y, %H:%M} UTC" if question.deadline_at else "further notice"
    notify(
        users=_recipients(question, tenant),
        kind=Kind.QUESTION,
        title=title,
        text=f"The run waits for your answer until {until}.",
        url=workspace_reverse(tenant.slug, "projects:run", question.run_id),
        tenant=tenant,
        key=f"question:{question.pk}:{title}",
    )


def _recipients(question: Question, tenant: Tenant) -> QuerySet[User]:
    """Of those who may look after it the first who is still here."""
    members = people_of(tenant.pk, role=Role.VIEWER)
    for user_id in (question.assignee_id, question.run.started_by_id):
        if user_id is not None and (found := members.filter(pk=user_id)).exists():
            return found
    return people_of(tenant.pk)


def _in_story(question: Question, status: str) -> None:
    told = {
        "question": str(question.pk),
        "kind": question.kind,
        "task": question.task,
        "agent": question.agent,
        "status": status,
        "text": question.text[:LONGEST_TEXT],
        "action": question.answer["action"] if question.answer else "",
        "by": question.answered_by,
    }
    events.append(question.run_id, [Line("run.question", told, timezone.now())])
