"""What runs by itself: mails that are due, and forgetting what is old."""

from __future__ import annotations

import time
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from tenants.notifications import mailing
from tenants.notifications.inviting import Invitations
from tenants.notifications.mailing import Messages
from tenants.notifications.models import Notification
from tenants.tasks import PublicTask

SECONDS = 45  # less than beat's minute, so that one worker is never held for long
KEPT_DAYS = 90
messages, invitations = Messages(), Invitations()


@shared_task(base=PublicTask, name=mailing.TASK)
def send_mails() -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and messages.send_due() + invitations.send_due():
        """Until nothing is due."""


@shared_task(base=PublicTask, name="notifications.forget")
def forget() -> None:
    """Delete what is older than `KEPT_DAYS`, read or not."""
    Notification.objects.filter(created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()
