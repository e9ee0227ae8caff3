"""The token of a link: which workspace, and a secret. Only its digest is kept."""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import NamedTuple
from uuid import UUID

from tenants.proving.keys import digest_of

SECRET_BYTES = 24
LENGTH = 54  # base64 of 16 + 24 bytes, without padding


class Token(NamedTuple):
    """What a link's address holds."""

    tenant_id: UUID
    text: str

    @property
    def digest(self) -> str:
        return digest_of(self.text)


def new_token(tenant_id: UUID) -> Token:
    held = tenant_id.bytes + secrets.token_bytes(SECRET_BYTES)
    return Token(tenant_id, base64.urlsafe_b64encode(held).decode().rstrip("="))


def read_token(text: str) -> Token | None:
    """None for what no link can be."""
    if len(text) != LENGTH:
        return None
    try:
        held = base64.urlsafe_b64decode(text + "==")
    except (binascii.Error, ValueError):
        return None
    return Token(UUID(bytes=held[:16]), text)
