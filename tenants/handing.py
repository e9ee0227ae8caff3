"""Handing an invitation over: by mail where it has an address and the platform sends mail, else by whoever made it."""

from __future__ import annotations

from django.http import HttpRequest

from tenants.access import Member
from tenants.addresses import absolute_url, public_reverse
from tenants.api import limits
from tenants.proving.mail import tell_invited
from tenants.services.invitations import FreshInvitation, note_sent

HOUR = 3600
MADE_PER_HOUR = 60
MAILS_PER_HOUR = 100


def count_making(by: Member) -> None:
    """Raises RateLimited: a person, and a workspace, invite so many in an hour and no more."""
    limits.take_or_refuse("invitations-by", str(by.user_id), MADE_PER_HOUR, window=HOUR)
    limits.take_or_refuse("invitations-of", str(by.tenant_id), MAILS_PER_HOUR, window=HOUR)


def hand_over(fresh: FreshInvitation, request: HttpRequest) -> str:
    """Mail it; empty then. Else the link, for whoever made it to hand over."""
    path = public_reverse("tenants:invitation", fresh.secret)
    link = absolute_url(path, home=f"{request.scheme}://{request.get_host()}")
    if fresh.row.email and tell_invited(fresh.row, link):
        note_sent(fresh.row)
        return ""
    return link
