"""Secrets at rest: sealed with a key of their workspace, and bound to the place where they lie.

Each workspace has data keys of its own, which lie in its schema wrapped by the operator's key (CREDENTIALS_KEYS, else derived
from SECRET_KEY). A text that was sealed for one row and field opens in no other, nor in another workspace.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from tenants.context import current_schema
from tenants.workspace.models import DataKey

log = logging.getLogger("guildhall.sealing")

FORM = "s1"
NONCE_BYTES, KEY_BYTES = 12, 32


class Unsealable(Exception):
    """The text cannot be opened: its key is gone, it was changed, or it belongs to another place."""


def place_of(table: str, row: UUID, field: str) -> str:
    """The name of one field of one row, for `seal` and `unseal`."""
    return f"{table}:{row}:{field}"


def seal(secret: str, *, place: str) -> str:
    """Close `secret` so that it opens only at `place` of this workspace."""
    number, key = _newest_key(current_schema())
    nonce = secrets.token_bytes(NONCE_BYTES)
    closed = nonce + AESGCM(key).encrypt(nonce, secret.encode(), _bound(place))
    return f"{FORM}.{number}.{base64.b64encode(closed).decode()}"


def unseal(sealed: str, *, place: str) -> str:
    """The secret that was sealed at `place`. Raises Unsealable."""
    form, _, rest = sealed.partition(".")
    number, _, content = rest.partition(".")
    if form != FORM or not number.isdecimal():
        raise Unsealable("This is not a sealed secret.")
    try:
        closed = base64.b64decode(content, validate=True)
        key = _key(current_schema(), int(number))
        return AESGCM(key).decrypt(closed[:NONCE_BYTES], closed[NONCE_BYTES:], _bound(place)).decode()
    except (InvalidTag, ValueError):
        raise Unsealable("This secret was sealed for another place or was changed; give it again.") from None


@transaction.atomic
def rewrap() -> int:
    """Wrap this workspace's data keys with the operator's first key; says how many were wrapped by an older one.

    A key whose own is lost stays as it is, with a warning: the old key may come back.
    """
    master = _masters()[0]
    stale = DataKey.objects.select_for_update().exclude(wrapped_by=_fingerprint(master))
    return sum(_rewrapped(row, master) for row in stale)


def _rewrapped(row: DataKey, master: bytes) -> bool:
    schema = current_schema()
    try:
        key = _unwrapped(schema, row)
    except Unsealable:
        log.warning("No key in CREDENTIALS_KEYS opens key %s of %s; it stays as it is.", row.number, schema)
        return False
    row.wrapped, row.wrapped_by = _wrapped(schema, row.number, key, master), _fingerprint(master)
    row.save(update_fields=["wrapped", "wrapped_by", "updated_at"])
    return True


def forget_keys() -> None:
    """Read the keys again at the next call."""
    _opened.cache_clear()


def _newest_key(schema: str) -> tuple[int, bytes]:
    row = DataKey.objects.order_by("-number").first() or _new_key(schema, 1)
    try:
        return row.number, _unwrapped(schema, row)
    except Unsealable:
        log.warning("No key in CREDENTIALS_KEYS opens key %s of %s; a new one begins.", row.number, schema)
    row = _new_key(schema, row.number + 1)
    return row.number, _unwrapped(schema, row)


def _key(schema: str, number: int) -> bytes:
    row = DataKey.objects.filter(number=number).first()
    if row is None:
        raise Unsealable("The key that sealed this is gone; give the secret again.")
    return _opened(schema, number, bytes(row.wrapped))


def _new_key(schema: str, number: int) -> DataKey:
    """Two callers may both make it; the database keeps one."""
    master = _masters()[0]
    wrapped = _wrapped(schema, number, secrets.token_bytes(KEY_BYTES), master)
    defaults = {"wrapped": wrapped, "wrapped_by": _fingerprint(master)}
    return DataKey.objects.get_or_create(number=number, defaults=defaults)[0]


@lru_cache(maxsize=256)
def _opened(schema: str, number: int, wrapped: bytes) -> bytes:
    for master in _masters():
        try:
            return AESGCM(master).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _name(schema, number))
        except InvalidTag:
            continue
    raise Unsealable(
        "No key in CREDENTIALS_KEYS opens this workspace's secrets; bring the old key back, or give them again."
    )


def _unwrapped(schema: str, row: DataKey) -> bytes:
    return _opened(schema, row.number, bytes(row.wrapped))


def _wrapped(schema: str, number: int, key: bytes, master: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(master).encrypt(nonce, key, _name(schema, number))


def _name(schema: str, number: int) -> bytes:
    return f"{schema}:key:{number}".encode()


def _bound(place: str) -> bytes:
    return f"{current_schema()}:{place}".encode()


def _masters() -> tuple[bytes, ...]:
    return _derived(tuple(settings.CREDENTIALS_KEYS))


@lru_cache(maxsize=8)
def _derived(texts: tuple[str, ...]) -> tuple[bytes, ...]:
    """A key of the right length from each of the operator's texts (HKDF-SHA256, RFC 5869)."""
    return tuple(
        HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"guildhall credentials").derive(text.encode())
        for text in texts
    )


def _fingerprint(master: bytes) -> str:
    return hashlib.sha256(master).hexdigest()[:16]
