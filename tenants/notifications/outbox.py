"""Mails that wait in a table: each is sent once, again after a failure, and given up after a day.

A row is claimed before its mail is sent, so that two workers never send the same one. Where a worker dies in between it is sent again
under the same Message-ID, by which the reader's mail program knows it.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from datetime import timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Generic, Literal, TypeVar

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from tenants.models import Invitation
from tenants.notifications.models import Notification

log = logging.getLogger("guildhall.notifications")
PAUSES = (60, 300, 1_800, 7_200, 28_800, 43_200)  # seconds after each try that failed; then it is given up
AT_ONCE = 20
FOR_EVER = 500  # from this code of SMTP on
Row = TypeVar("Row", Notification, Invitation)
State = Literal["none", "sent", "failed"]


class Unsendable(Exception):
    """No try will send this mail; says why."""


class Outbox(ABC, Generic[Row]):
    """One table's mails: a row is waiting, due at `mail_due_at`, which every try puts off, or has come to one of the states."""

    what: str
    """A mail of this table in the words of the log."""

    @abstractmethod
    def rows(self) -> QuerySet[Row]:
        """All of them, with what their mails are written from."""

    @abstractmethod
    def mail_of(self, row: Row) -> EmailMessage | None:
        """Plain text; None when nobody shall have it any more. Raises Unsendable."""

    @abstractmethod
    def end(self, row: Row, state: State) -> None:
        """Say what became of the mail, where it is still waiting and still the one that was tried."""

    def send_due(self) -> int:
        """Send what is due, at most `AT_ONCE`; how many were taken up."""
        due, connection = self._claim(), get_connection()
        bugs: list[Exception] = []
        try:
            for each in due:
                try:
                    self._send(each, connection)
                except Exception as bug:  # noqa: BLE001 - raised again below, once the others are on their way
                    bugs.append(bug)
        finally:
            connection.close()
        if bugs:
            raise ExceptionGroup(f"{self.what} could not be written or sent", bugs)
        return len(due)

    @transaction.atomic
    def _claim(self) -> list[Row]:
        """Take the next ones; what is taken is not due again before the pause after its try is over."""
        now, rows = timezone.now(), self.rows()
        due = rows.filter(mail="waiting", mail_due_at__lte=now).order_by("mail_due_at")
        found = list(due.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
        for each in found:
            each.mail_due_at = now + timedelta(seconds=PAUSES[min(each.mail_tries, len(PAUSES) - 1)])
        rows.bulk_update(found, ["mail_due_at"])
        rows.filter(pk__in=[each.pk for each in found]).update(mail_tries=F("mail_tries") + 1)
        return found

    def _send(self, row: Row, connection: BaseEmailBackend) -> None:
        try:
            mail = self.mail_of(row)
        except Unsendable as reason:
            log.warning("%s %s is given up: %s", self.what, row.pk, reason)
            self.end(row, "failed")
            return
        if mail is None:
            self.end(row, "none")
            return
        try:
            connection.open()  # one for all of them; it says nothing where it is open already
            connection.send_messages([mail])
        except ValueError as error:
            log.warning("%s %s cannot be written and is given up", self.what, row.pk, exc_info=error)
            self.end(row, "failed")
        except (SMTPException, OSError) as error:
            connection.close()
            self._put_off(row, error)
        else:
            self.end(row, "sent")

    def _put_off(self, row: Row, error: Exception) -> None:
        if _is_final(error) or row.mail_tries + 1 >= len(PAUSES):
            log.warning("%s %s could not be sent and is given up", self.what, row.pk, exc_info=error)
            self.end(row, "failed")
        else:
            log.info("%s %s could not be sent; it is tried again (%s)", self.what, row.pk, error)


def _is_final(error: Exception) -> bool:
    """Whether the server wants neither this reader nor these words, now or later. Anything else may be its own trouble."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= FOR_EVER for code, _ in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code >= FOR_EVER
