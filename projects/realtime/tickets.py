"""Single-use tickets that open a socket for a program: 60 seconds, one workspace, one person."""

from __future__ import annotations

import json
import secrets
from uuid import UUID

import redis
from django.conf import settings

from tenants.access import Member

SECONDS = 60


def _store() -> redis.Redis:
    return redis.Redis.from_url(settings.CACHES["shared"]["LOCATION"], socket_timeout=2)


def _key(ticket: str) -> str:
    return f"socket-ticket:{ticket}"


def issue(member: Member) -> str:
    ticket = secrets.token_urlsafe(32)
    with _store() as store:
        store.set(_key(ticket), json.dumps({"user": str(member.user_id), "schema": member.schema}), ex=SECONDS)
    return ticket


def redeem(ticket: str, schema: str) -> UUID | None:
    """The person that the ticket was issued to; None when it is used, over, or of another workspace."""
    with _store() as store:
        found = store.getdel(_key(ticket))
    if not isinstance(found, bytes):
        return None
    content = json.loads(found)
    return UUID(content["user"]) if content["schema"] == schema else None
