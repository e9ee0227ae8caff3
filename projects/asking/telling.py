"""Who hears of a question: the run's story, open pages of the workspace, and by mail the one whom it is for."""

from __future__ import annotations

import logging
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from projects import events
from projects.events import Line
from projects.models import Question
from projects.realtime import publish
from tenants.addresses import absolute_url, workspace_reverse
from tenants.context import current_schema
from tenants.models import Membership, Tenant

log = logging.getLogger("guildhall.questions")
LONGEST_TEXT = 500


def asked(question: Question) -> None:
    """A new question, in the story and on open pages."""
    _in_story(question, "open")
    notify(question, "question.asked")


def closed(question: Question) -> None:
    _in_story(question, question.status)
    notify(question, "question.closed")


def notify(question: Question, what: str) -> None:
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


def write_to_assignee(question: Question, *, subject: str) -> None:
    """A mail to the one whom it is for, after the commit, where the platform sends mail and they are still a member."""
    if not settings.SENDS_MAIL or question.assignee_id is None:
        return
    tenant = Tenant.objects.get(schema_name=current_schema())
    member = Membership.objects.filter(user_id=question.assignee_id, tenant=tenant, user__is_active=True).first()
    if member is None:
        return
    link = absolute_url(workspace_reverse(tenant.slug, "projects:run", question.run_id))
    until = f"{question.deadline_at:%-d %B %Y, %H:%M} UTC" if question.deadline_at else "further notice"
    text = f"{question.text[:LONGEST_TEXT]}\n\nThe run waits for your answer until {until}.\n{link}\n"
    transaction.on_commit(partial(_send, f"Guildhall: {subject}", text, member.user.email))


def _send(subject: str, text: str, to: str) -> None:
    try:
        send_mail(subject, text, None, [to])
    except (SMTPException, OSError):
        log.warning("A mail about a question could not be sent", exc_info=True)


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
