"""The key of a connection: sealed with the workspace's key and bound to the row and to the address that it was given for."""

from __future__ import annotations

import hashlib

from agents.connections.models import Connection, Credential
from agents.llm.routes import credential_mark
from tenants.sealing import place_of, seal, unseal


def store(connection: Connection, key: str) -> Credential:
    """Seal `key` for this connection at its present address, in place of any former one."""
    fields = {
        "sealed": seal(key, place=_place(connection)),
        "last_four": key[-4:] if len(key) >= 12 else "",
        "fingerprint": credential_mark(key),
    }
    return Credential.objects.update_or_create(connection=connection, defaults=fields)[0]


def reveal(connection: Connection) -> str:
    """The key, for the call that needs it; empty where there is none. Raises Unsealable, also when the address was changed
    behind our back."""
    if not hasattr(connection, "credential"):
        return ""
    return unseal(connection.credential.sealed, place=_place(connection))


def _place(connection: Connection) -> str:
    address = hashlib.sha256(f"{connection.provider}|{connection.base_url}".encode()).hexdigest()
    return place_of("connections_credential", connection.pk, f"key@{address}")
