"""Single-use tickets that open a socket for a program: 60 seconds, one workspace, one person."""

from __future__ import annotations

import json
import secrets
from uuid import UUID

import redis
from django.conf import settings
from redis.exceptions import RedisError

from tenants.access import Member
from tenants.errors import Unavailable

SECONDS = 60


def _store() -> redis.Redis:
    return redis.Redis.from_url(settings.CACHES["shared"]["LOCATION"], socket_timeout=2)


def _key(ticket: str) -> str:
    return f"socket-ticket:{ticket}"


def issue(member: Member) -> str:
    ticket = secrets.token_urlsafe(32)
    content = json.dumps({"user": str(member.user_id), "schema": member.schema})
    try:
        with _store() as store:
            store.set(_key(ticket), content, ex=SECONDS)
    except RedisError:
        raise Unavailable("Tickets cannot be kept at the moment. Try again in some seconds.") from None
    return ticket


def redeem(ticket: str, schema: str) -> UUID | None:
    """The person that the ticket was issued to; None when it is used, over, or of another workspace."""
    with _store() as store:
        found = store.getdel(_key(ticket))
    if not isinstance(found, bytes):
        return None
    content = json.loads(found)
    return UUID(content["user"]) if content["schema"] == schema else None
