"""Sending the mails that are due: plain text, each once, again after a failure, given up after a day.

A mail is claimed before it is sent, so that two workers never send the same one. Where a worker dies in between it is sent again
under the same Message-ID, by which the reader's mail program knows it.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from tenants.addresses import absolute_url, public_reverse
from tenants.models import Membership
from tenants.notifications.models import Notification

log = logging.getLogger("guildhall.notifications")
PAUSES = (60, 300, 1_800, 7_200, 28_800, 43_200)  # seconds after each try that failed; then it is given up
AT_ONCE = 20
FOR_EVER = 500  # from this code of SMTP on
TASK, QUEUE = "notifications.mail", "upkeep"
_States = Notification.Mail


def wake() -> None:
    """Ask a worker to send what is due. A lost hint costs a minute, not a mail: beat asks again."""
    with suppress(RedisError, OperationalError, OSError):
        current_app.send_task(TASK, queue=QUEUE, retry=False)


def send_due() -> int:
    """Send the mails that are due, at most `AT_ONCE`; how many were taken up."""
    due, connection = _claim(), get_connection()
    try:
        for each in due:
            _send(each, connection)
    finally:
        connection.close()
    return len(due)


@transaction.atomic
def _claim() -> list[Notification]:
    """Take the next ones; what is taken is not due again before the pause after its try is over."""
    now = timezone.now()
    due = Notification.objects.filter(mail=_States.WAITING, mail_due_at__lte=now).order_by("mail_due_at")
    found = list(due.select_for_update(of=("self",), skip_locked=True).select_related("user", "tenant")[:AT_ONCE])
    for each in found:
        each.mail_due_at = now + timedelta(seconds=PAUSES[min(each.mail_tries, len(PAUSES) - 1)])
    Notification.objects.bulk_update(found, ["mail_due_at"])
    Notification.objects.filter(pk__in=[each.pk for each in found]).update(mail_tries=F("mail_tries") + 1)
    return found


def _send(notification: Notification, connection: BaseEmailBackend) -> None:
    if not _may_be_sent(notification):
        _end(notification, _States.NONE)
        return
    try:
        connection.open()  # one for all of them; it says nothing where it is open already
        connection.send_messages([message_of(notification)])
    except (SMTPException, OSError) as error:
        connection.close()
        _put_off(notification, error)
    else:
        _end(notification, _States.SENT)


def _may_be_sent(notification: Notification) -> bool:
    """Whether its reader is still one, and still belongs to what it is about."""
    if not notification.user.is_active:
        return False
    about = notification.tenant
    return about is None or Membership.objects.filter(user=notification.user, tenant=about).exists()


def _put_off(notification: Notification, error: Exception) -> None:
    if is_final(error) or notification.mail_tries + 1 >= len(PAUSES):
        log.warning("The mail %s could not be sent and is given up", notification.pk, exc_info=error)
        _end(notification, _States.FAILED)
    else:
        log.info("The mail %s could not be sent; it is tried again (%s)", notification.pk, error)


def is_final(error: Exception) -> bool:
    """Whether the server wants neither this reader nor these words, now or later. Anything else may be its own trouble."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= FOR_EVER for code, _ in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code >= FOR_EVER


def _end(notification: Notification, state: str) -> None:
    """What meanwhile was ended otherwise stays so: its reader may have refused this kind."""
    Notification.objects.filter(pk=notification.pk, mail=_States.WAITING).update(mail=state, mail_due_at=None)


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
