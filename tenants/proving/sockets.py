"""Who opens a socket. Database calls: run them through `tenants.context.in_tenant`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import constant_time_compare

from tenants.models import Tenant, User
from tenants.proving.keys import KEY_START, find_key
from tenants.proving.tokens import user_of_access_token


def user_of_session_key(key: str | None) -> User | None:
    """The signed-in person of a session as it is stored now, with the same check of the password's hash as a page's."""
    session: Any = import_module(settings.SESSION_ENGINE).SessionStore(key)
    if BACKEND_SESSION_KEY not in session:
        return None
    user = User.objects.filter(pk=session[SESSION_KEY], is_active=True).first()
    if user is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return user


def user_of_token(token: str, tenant: Tenant) -> User | None:
    """The person of an access token, or of an API key of the current workspace."""
    if not token.startswith(KEY_START):
        return user_of_access_token(token)
    key = find_key(token)
    return User.objects.filter(pk=key.user_id, is_active=True).first() if key else None
