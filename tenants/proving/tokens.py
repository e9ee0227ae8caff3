"""Access and refresh tokens for programs.

An access token lives five minutes. A refresh token works once: showing an old one again means that somebody copied
it, and ends the whole sign-in. A changed password or a disabled account ends everything at once, because each token
carries a digest of the password's hash and every use looks the person up.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID, uuid4

import jwt
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from tenants.access import with_role
from tenants.errors import NotSignedIn
from tenants.lookups import Lookup
from tenants.models import SignIn, Tenant, User
from tenants.proving.keys import KEY_START, REALM, Proof, bearer

ISSUER = AUDIENCE = "guildhall"
ALGORITHM = "HS256"  # the only verifier is the issuer itself
ACCESS = timedelta(minutes=5)
REFRESH = timedelta(days=7)
KEPT = 1024  # tokens whose signature was found good
Use = Literal["access", "refresh"]
_families = Lookup(SignIn.objects.select_related("user").filter, pk=UUID)
_entering = Lookup(with_role(SignIn.objects.select_related("user"), "user"), tenant=UUID, pk=UUID)


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str


def sign_in(user: User) -> Tokens:
    """Start a sign-in of a program, and sweep up this person's that have ended."""
    SignIn.objects.filter(user=user, expires_at__lt=timezone.now()).delete()
    token_id = uuid4()
    family = SignIn.objects.create(user=user, current=token_id, expires_at=timezone.now() + REFRESH)
    return _pair(user, family.pk, token_id)


def renew(token: str) -> Tokens:
    """Swap a refresh token for a new pair; the old one is worth nothing from then on."""
    claims = _read(token, "refresh")
    pair = _rotated(claims) if claims else None
    if pair is None:
        raise NotSignedIn("This refresh token is used, ended or not one of ours; sign in again.")
    return pair


@transaction.atomic
def _rotated(claims: dict[str, Any]) -> Tokens | None:
    """The next pair, or None; an old token shown again ends the family, and that is kept."""
    family = SignIn.objects.select_for_update(of=("self",)).select_related("user").filter(pk=claims["fam"]).first()
    if family is None or not _is_good(family, claims):
        return None
    if str(family.current) != claims["jti"]:
        family.revoked_at = timezone.now()
        family.save(update_fields=["revoked_at", "updated_at"])
        return None
    family.current = uuid4()
    family.expires_at = timezone.now() + REFRESH
    family.save(update_fields=["current", "expires_at", "updated_at"])
    return _pair(family.user, family.pk, family.current)


def revoke(token: str) -> None:
    """End a sign-in by its refresh token. An unknown one is no error: it is ended as well."""
    claims = _read(token, "refresh")
    if claims is not None:
        SignIn.objects.filter(pk=claims["fam"], revoked_at=None).update(revoked_at=timezone.now())


def user_of_access_token(token: str) -> User | None:
    family = _family_of_access_token(token, None)
    return family.user if family else None


def _family_of_access_token(token: str, tenant: Tenant | None) -> Any:
    """The sign-in of a good token, with its person, and their `role` where a workspace is named."""
    claims = _read(token, "access")
    if claims is None:
        return None
    family_id = UUID(claims["fam"])
    family = _entering.first(tenant.pk, family_id) if tenant else _families.first(family_id)
    return family if family and _is_good(family, claims) else None


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`."""

    def authenticate(self, request: Request) -> tuple[User, Proof] | None:
        token = bearer(request)
        if token is None or token.startswith(KEY_START):
            return None
        family = _family_of_access_token(token, getattr(request._request, "tenant", None))
        if family is None:
            raise AuthenticationFailed("This access token is not valid or has expired; refresh it or sign in again.")
        return family.user, Proof("token", role=getattr(family, "role", None))

    def authenticate_header(self, request: Request) -> str:
        return REALM


def _pair(user: User, family: UUID, refresh_id: UUID) -> Tokens:
    return Tokens(_write(user, family, "access", uuid4(), ACCESS), _write(user, family, "refresh", refresh_id, REFRESH))


def _write(user: User, family: UUID, use: Use, token_id: UUID, lives: timedelta) -> str:
    now = timezone.now()
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user.pk),
        "iat": now,
        "exp": now + lives,
        "jti": str(token_id),
        "fam": str(family),
        "use": use,
        "pwd": _password_mark(user),
    }
    return jwt.encode(claims, _key(), algorithm=ALGORITHM)


def _read(token: str, use: Use) -> dict[str, Any] | None:
    try:
        claims = _verified(token, _key())
    except (jwt.PyJWTError, ValueError):
        return None
    lives = claims["exp"] > time.time()
    return claims if lives and claims.get("use") == use and "fam" in claims and "pwd" in claims else None


@lru_cache(maxsize=KEPT)
def _verified(token: str, key: bytes) -> dict[str, Any]:
    """What a token of ours says. A client shows the same one again and again: whoever asks looks at `exp`, and at the sign-in's row."""
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        audience=AUDIENCE,
        issuer=ISSUER,
        options={"require": ["exp", "iat", "sub", "jti"]},
    )
    return claims


def _is_good(family: SignIn, claims: dict[str, Any]) -> bool:
    user = family.user
    return (
        family.revoked_at is None
        and user.is_active
        and str(user.pk) == claims["sub"]
        and constant_time_compare(_password_mark(user), claims["pwd"])
    )


def _password_mark(user: User) -> str:
    return salted_hmac("guildhall.tokens", user.password, algorithm="sha256").hexdigest()[:16]


def _key() -> bytes:
    return _key_of(settings.SECRET_KEY)


@lru_cache(maxsize=2)
def _key_of(secret: str) -> bytes:
    return salted_hmac("guildhall.tokens.key", secret, algorithm="sha256").digest()
