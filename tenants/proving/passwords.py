"""Signing in a program with an address and a password, under the same limits as the site's own form."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.conf import settings
from django.http import HttpRequest
from redis.exceptions import RedisError

from tenants.errors import Forbidden, NotSignedIn, RateLimited, Unavailable
from tenants.models import User
from tenants.proving.mail import is_confirmed

PAUSE = 300  # seconds, of allauth's limit per account


def user_of_password(request: HttpRequest, *, email: str, password: str, code: str = "") -> User:
    """The person, or a refusal that is the same for an unknown address, a wrong password and a closed account."""
    user = _authenticate(request, email, password)
    if not isinstance(user, User) or not user.is_active:
        raise NotSignedIn("This address and this password do not belong together.", code="wrong_credentials")
    if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory" and not is_confirmed(user):
        raise Forbidden("Confirm your address first: follow the link in the mail that we sent.", code="unconfirmed")
    if is_mfa_enabled(user) and not AuthenticateForm({"code": code}, user=user).is_valid():
        raise NotSignedIn("Send the six digits of your authenticator app as code.", code="second_factor")
    return user


def _authenticate(request: HttpRequest, email: str, password: str) -> object:
    try:
        return get_adapter().authenticate(request, email=email, password=password)
    except forms.ValidationError:
        raise RateLimited(f"Too many failed attempts. Try again in {PAUSE} s.", retry_after=PAUSE) from None
    except RedisError:
        raise Unavailable("Attempts cannot be counted at the moment, so nobody can sign in. Try again.") from None
