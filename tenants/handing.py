"""Handing an invitation over: a worker mails it where it has an address and the platform sends mail, else whoever made it does."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from tenants.access import Member
from tenants.addresses import absolute_url, public_reverse
from tenants.api import limits
from tenants.errors import NotFound
from tenants.models import Invitation
from tenants.notifications import mailing
from tenants.services import find_invitation
from tenants.services.invitations import FreshInvitation

LOOKED_AT = "invitation"  # in a session: the digest of the one that was looked at last
HOUR = 3600
MADE_PER_HOUR = 60
MAILS_PER_HOUR = 100


def count_making(by: Member) -> None:
    """Raises RateLimited: a person, and a workspace, invite so many in an hour and no more."""
    limits.take_or_refuse("invitations-by", str(by.user_id), MADE_PER_HOUR, window=HOUR)
    limits.take_or_refuse("invitations-of", str(by.tenant_id), MAILS_PER_HOUR, window=HOUR)


def home_of(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def hand_over(fresh: FreshInvitation, request: HttpRequest) -> str:
    """The link, for whoever made it to hand over; empty where it goes by mail, which a worker is asked to send now."""
    if fresh.row.mail == Invitation.Mail.WAITING:
        transaction.on_commit(mailing.wake)  # a worker that came before the commit would find nothing
        return ""
    return absolute_url(public_reverse("tenants:invitation", fresh.secret), home=home_of(request))


def looked_at(request: HttpRequest) -> Invitation | None:
    """The invitation that was looked at last in this browser, while it is good; one that is not is forgotten."""
    if LOOKED_AT not in request.session:
        return None
    try:
        return find_invitation(str(request.session[LOOKED_AT]))
    except NotFound:
        del request.session[LOOKED_AT]
        return None
