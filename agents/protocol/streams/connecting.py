"""The connection to Redis that the protocol works with."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

SOCKET_SECONDS = 10.0
"""Longer than the longest blocking read."""


def connect(url: str) -> Redis:
    """A client for `url`. It does not send a command twice by itself: a message that was sent twice would be two messages."""
    return Redis.from_url(
        url, protocol=2, retry=Retry(NoBackoff(), 0), socket_timeout=SOCKET_SECONDS, socket_connect_timeout=5.0
    )
