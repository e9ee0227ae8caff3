"""What this platform does differently from allauth's ways."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailConfirmation
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Links in mails lead to the platform's own address, whatever host a request claimed to ask."""

    def get_reset_password_from_key_url(self, key: str) -> str:
        return at_home(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: EmailConfirmation) -> str:
        return at_home(super().get_email_confirmation_url(request, emailconfirmation))


def at_home(url: str) -> str:
    """The same page under PUBLIC_URL, where the operator set it."""
    if not settings.PUBLIC_URL:
        return url
    home, page = urlsplit(settings.PUBLIC_URL), urlsplit(url)
    return urlunsplit((home.scheme, home.netloc, page.path, page.query, page.fragment))
