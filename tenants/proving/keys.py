"""Who a request comes from: `request.auth` says by which way and with which cap on the role."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from tenants.access import Via, with_role
from tenants.lookups import Lookup
from tenants.models import User
from tenants.workspace.models import ApiKey

KEY_START = "gh_"
REALM = 'Bearer realm="guildhall"'
_keys = Lookup(ApiKey.objects.filter(revoked_at=None, expires_at__gt=Now()).filter, prefix=str)
_owners = Lookup(with_role(User.objects.filter(is_active=True), "pk"), tenant=UUID, pk=UUID)


@dataclass(frozen=True, slots=True)
class Proof:
    """How a caller showed who they are; `role` is what they are in the workspace of the address, where that was asked along."""

    via: Via
    cap: str | None = None
    role: str | None = None


def new_key() -> tuple[str, str, str]:
    """A fresh key: (shown once, prefix, digest kept). The prefix finds the row, the digest proves the rest."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    return f"{KEY_START}{prefix}_{secret}", prefix, digest_of(secret)


def digest_of(secret: str) -> str:
    """SHA-256 is enough: the secret has 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def bearer(request: Request) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" and value else None


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer gh_…` of the workspace that the address names."""

    def authenticate(self, request: Request) -> tuple[User, Proof] | None:
        given = bearer(request)
        if given is None or not given.startswith(KEY_START):
            return None
        tenant = getattr(request._request, "tenant", None)
        key = find_key(given) if tenant else None
        user = _owners.first(tenant.pk, key.user_id) if tenant and key else None
        if key is None or user is None:  # in one form of words, or they would tell which workspaces exist
            raise AuthenticationFailed(
                "This API key is not good here: unknown, revoked, expired, or of another workspace than the address."
            )
        _note_use(key)
        return user, Proof("api_key", key.role, getattr(user, "role", None))

    def authenticate_header(self, request: Request) -> str:
        return REALM


def find_key(given: str) -> ApiKey | None:
    prefix, _, secret = given[len(KEY_START) :].partition("_")
    if not prefix.isalnum() or not prefix.isascii():
        return None
    key = _keys.first(prefix)
    matches = hmac.compare_digest(digest_of(secret), key.digest if key else "0" * 64)
    return key if key and matches else None


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


class CookieAuthentication(SessionAuthentication):
    """The site's own session, with its CSRF check."""

    def authenticate(self, request: Request) -> tuple[User, Proof] | None:
        found = super().authenticate(request)
        return (found[0], Proof("session")) if found else None

    def authenticate_header(self, request: Request) -> str:
        return REALM
