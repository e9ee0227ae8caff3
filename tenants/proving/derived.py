"""A secret that nobody has to keep: worked out from a row and the operator's SECRET_KEY whenever it is needed."""

from __future__ import annotations

import base64
import secrets
from uuid import UUID

from django.utils.crypto import salted_hmac


def new_nonce() -> str:
    return secrets.token_urlsafe(32)


def secret_from(row: UUID, nonce: str) -> str:
    """43 signs of base64url: 256 bits that the database alone does not give away."""
    code = salted_hmac("guildhall.invitation", f"{row}:{nonce}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(code).decode().rstrip("=")
