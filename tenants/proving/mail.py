"""Does an address belong to who gave it? Asked by mail, where the platform can send mail."""

from __future__ import annotations

from smtplib import SMTPException

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest

from tenants.errors import Unavailable
from tenants.models import User


def is_confirmed(user: User) -> bool:
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


def answer_registration(request: HttpRequest, email: str, user: User | None) -> None:
    """Ask a new person to confirm, or tell the owner of a known address that somebody tried: one mail either way."""
    if settings.ACCOUNT_EMAIL_VERIFICATION != "mandatory":
        return
    try:
        if user is None:
            get_adapter().send_account_already_exists_mail(email)
        else:
            EmailAddress.objects.get(user=user, email=email).send_confirmation(request, signup=True)
    except (SMTPException, OSError):
        raise Unavailable("The mail could not be sent. Try again later, or tell the operator.") from None
