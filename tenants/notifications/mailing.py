"""Mails of messages: plain text, to whoever still belongs to what they are about."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from tenants.addresses import absolute_url, public_reverse
from tenants.models import Membership
from tenants.notifications.models import Notification
from tenants.notifications.outbox import Outbox, State

TASK, QUEUE = "notifications.mail", "upkeep"


def wake() -> None:
    """Ask a worker to send what is due. A lost hint costs a minute, not a mail: beat asks again."""
    with suppress(RedisError, OperationalError, OSError):
        current_app.send_task(TASK, queue=QUEUE, retry=False)


class Messages(Outbox[Notification]):
    what = "The mail"

    def rows(self) -> QuerySet[Notification]:
        return Notification.objects.select_related("user", "tenant")

    def mail_of(self, row: Notification) -> EmailMessage | None:
        return message_of(row) if _may_be_sent(row) else None

    def end(self, row: Notification, state: State) -> None:
        """What meanwhile was ended otherwise stays so: its reader may have refused this kind."""
        waiting = Notification.objects.filter(pk=row.pk, mail=Notification.Mail.WAITING)
        waiting.update(mail=state, mail_due_at=None)


def _may_be_sent(notification: Notification) -> bool:
    """Whether its reader is still one, and still belongs to what it is about."""
    if not notification.user.is_active:
        return False
    about = notification.tenant
    return about is None or Membership.objects.filter(user=notification.user, tenant=about).exists()


def message_of(notification: Notification) -> EmailMessage:
    """Plain text: what happened, where, and how to have fewer of these."""
    choice = absolute_url(public_reverse("notifications:mail"))
    about = f"In the workspace {notification.tenant.name}.\n\n" if notification.tenant else ""
    text = f"{notification.text}\n\n" if notification.text else ""
    foot = f"-- \nYou get this as {notification.user.email}. Choose what comes by mail: {choice}\n"
    host = urlsplit(settings.PUBLIC_URL).hostname or "guildhall.invalid"
    return EmailMessage(
        subject=f"Guildhall: {' '.join(notification.title.split())}",
        body=f"{notification.title}\n\n{text}{about}{absolute_url(notification.url)}\n\n{foot}",
        to=[notification.user.email],
        headers={"Message-ID": f"<{notification.pk}@{host}>", "List-Unsubscribe": f"<{choice}>"},
    )
