"""Mailing invitations: as other mails are, a worker sends what is due, again after a failure, and gives up after a day.

Its text needs the invitation's secret, which no row holds: it is worked out anew for each try, so that every try sends the same link.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tenants.addresses import absolute_url, public_reverse
from tenants.models import Invitation
from tenants.notifications.mailing import AT_ONCE, PAUSES, is_final
from tenants.proving.derived import secret_from
from tenants.proving.keys import digest_of
from tenants.services.invitations import is_good

log = logging.getLogger("guildhall.mail")
_States = Invitation.Mail


def send_due() -> int:
    """Send the invitations that are due, at most AT_ONCE; how many were taken up."""
    due, connection = _claim(), get_connection()
    try:
        for each in due:
            _send(each, connection)
    finally:
        connection.close()
    return len(due)


@transaction.atomic
def _claim() -> list[Invitation]:
    """Take the next ones; what is taken is not due again before the pause after its try is over."""
    now = timezone.now()
    due = Invitation.objects.filter(mail=_States.WAITING, mail_due_at__lte=now).order_by("mail_due_at")
    found = list(due.select_for_update(of=("self",), skip_locked=True).select_related("tenant")[:AT_ONCE])
    for each in found:
        each.mail_due_at = now + timedelta(seconds=PAUSES[min(each.mail_tries, len(PAUSES) - 1)])
    Invitation.objects.bulk_update(found, ["mail_due_at"])
    Invitation.objects.filter(pk__in=[each.pk for each in found]).update(mail_tries=F("mail_tries") + 1)
    return found


def _send(invitation: Invitation, connection: BaseEmailBackend) -> None:
    if invitation.state != "pending" or not is_good(invitation):
        _end(invitation, _States.NONE)
        return
    secret = secret_from(invitation.pk, invitation.nonce)
    if digest_of(secret) != invitation.digest:
        log.warning("The mail of the invitation %s is given up: SECRET_KEY is another one by now", invitation.pk)
        _end(invitation, _States.FAILED)
        return
    try:
        connection.open()  # one for all of them; it says nothing where it is open already
        connection.send_messages([message_of(invitation, secret)])
    except (SMTPException, OSError) as error:
        connection.close()
        _put_off(invitation, error)
    else:
        _end(invitation, _States.SENT)


def _put_off(invitation: Invitation, error: Exception) -> None:
    if is_final(error) or invitation.mail_tries + 1 >= len(PAUSES):
        log.warning("The mail of the invitation %s could not be sent and is given up", invitation.pk, exc_info=error)
        _end(invitation, _States.FAILED)
    else:
        log.info("The mail of the invitation %s could not be sent; it is tried again (%s)", invitation.pk, error)


def _end(invitation: Invitation, state: str) -> None:
    """Only for the secret that this try was about: meanwhile it may have been renewed."""
    sent = {"sent_at": timezone.now()} if state == _States.SENT else {}
    waiting = Invitation.objects.filter(pk=invitation.pk, nonce=invitation.nonce, mail=_States.WAITING)
    waiting.update(mail=state, mail_due_at=None, **sent)


def message_of(invitation: Invitation, secret: str) -> EmailMessage:
    """Plain text. A name that somebody gave stays on one line, so that it cannot write a mail of its own."""
    workspace, maker = (" ".join(said.split()) for said in (invitation.tenant.name, invitation.made_by))
    link = absolute_url(public_reverse("tenants:invitation", secret), home=invitation.home)
    host = urlsplit(settings.PUBLIC_URL or invitation.home).hostname or "guildhall.invalid"
    return EmailMessage(
        subject=f"Guildhall: you are invited to {workspace}",
        body=(
            f"{maker} invites you to the workspace {workspace} on Guildhall, as {invitation.get_role_display().lower()}.\n\n"
            f"{link}\n\nThe link is for {invitation.email} alone and works once, until {invitation.expires_at:%d %B %Y, %H:%M} UTC. "
            "Whoever has no account yet signs up there with this address.\n\n"
            "If you do not know what this is about, do nothing: without you nothing happens.\n"
        ),
        to=[invitation.email],
        headers={"Message-ID": f"<{invitation.pk}.{invitation.nonce[:16]}@{host}>"},
    )
