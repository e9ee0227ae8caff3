"""Mails of invitations. Their text needs the invitation's secret, which no row holds: it is worked out anew for each try, so that every
try sends the same link.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.utils import timezone

from tenants.addresses import absolute_url, public_reverse
from tenants.models import Invitation
from tenants.notifications.outbox import Outbox, State, Unsendable
from tenants.proving.derived import secret_from
from tenants.proving.keys import digest_of
from tenants.services.invitations import is_good


class Invitations(Outbox[Invitation]):
    what = "The mail of the invitation"

    def rows(self) -> QuerySet[Invitation]:
        return Invitation.objects.select_related("tenant")

    def mail_of(self, row: Invitation) -> EmailMessage | None:
        if row.state != "pending" or not is_good(row):
            return None
        secret = secret_from(row.pk, row.nonce)
        if digest_of(secret) != row.digest:
            raise Unsendable("SECRET_KEY is another one by now")
        return message_of(row, secret)

    def end(self, row: Invitation, state: State) -> None:
        """Only for the secret that this try was about: meanwhile it may have been renewed."""
        sent = {"sent_at": timezone.now()} if state == "sent" else {}
        waiting = Invitation.objects.filter(pk=row.pk, nonce=row.nonce, mail=Invitation.Mail.WAITING)
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
