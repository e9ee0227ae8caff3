"""Sending a live message. It may be lost on its way; whoever watches notices the gap and reads PostgreSQL."""

from __future__ import annotations

import json
import logging
from functools import cache
from typing import Any

import redis
from channels.layers import get_channel_layer
from django.conf import settings
from redis.exceptions import RedisError

from tenants.context import PUBLIC, current_schema

log = logging.getLogger("guildhall.realtime")
PLATFORM_TOPICS = frozenset({"system:health"})  # the same for every workspace


def group_name(topic: str, schema: str) -> str:
    """The channel layer's name of a topic of one workspace."""
    owner = PUBLIC if topic in PLATFORM_TOPICS else schema
    return f"{owner}.{topic.replace(':', '.')}"


def channel_of(group: str) -> str:
    """Where the Redis pub/sub layer sends a group's messages."""
    return f"asgi__group__{group}"


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.LIVE_REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def publish(topic: str, message: dict[str, Any], *, schema: str | None = None) -> None:
    """Send `message` to everybody who watches `topic` in this workspace. A plain call: no event loop needed."""
    group = group_name(topic, schema or current_schema())
    layer: Any = get_channel_layer()
    text = json.dumps({"topic": topic, **message}, default=str)
    try:
        _redis().publish(
            channel_of(group), layer.serialize({"type": "live.message", "seq": message.get("seq"), "text": text})
        )
    except RedisError:
        log.warning("Redis is away; a live message on %s was not sent", topic)
