"""Does an address belong to who gave it? Asked by mail, where the platform can send mail."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest

from tenants.errors import Unavailable
from tenants.models import Invitation, User

log = logging.getLogger("guildhall.mail")


def is_confirmed(user: User) -> bool:
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


def tell_invited(invitation: Invitation, link: str) -> bool:
    """Send `link` to the address of an invitation; False where the platform sends no mail, or this one could not be sent."""
    if not settings.SENDS_MAIL:
        return False
    try:
        _invitation_mail(invitation, link).send()
    except (SMTPException, OSError):
        log.warning("The mail of the invitation %s could not be sent", invitation.pk, exc_info=True)
        return False
    return True


def _invitation_mail(invitation: Invitation, link: str) -> EmailMessage:
    """Plain text. A name that somebody gave stays on one line, so that it cannot write a mail of its own."""
    workspace, maker = (" ".join(said.split()) for said in (invitation.tenant.name, invitation.made_by))
    return EmailMessage(
        subject=f"Guildhall: you are invited to {workspace}",
        body=(
            f"{maker} invites you to the workspace {workspace} on Guildhall, as {invitation.get_role_display().lower()}.\n\n"
            f"{link}\n\nThe link is for {invitation.email} alone and works once, until {invitation.expires_at:%d %B %Y, %H:%M} UTC. "
            "Whoever has no account yet signs up there with this address.\n\n"
            "If you do not know what this is about, do nothing: without you nothing happens.\n"
        ),
        to=[invitation.email],
    )


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
