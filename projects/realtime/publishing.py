"""Sending a live message. It may be lost on its way; whoever watches notices the gap and reads PostgreSQL."""

from __future__ import annotations

import json
import logging
import struct
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
from channels.layers import get_channel_layer
from django.conf import settings
from redis.exceptions import RedisError

from tenants.context import PUBLIC, current_schema

log = logging.getLogger("guildhall.realtime")
SILENT_SECONDS = 2.0
PLATFORM_TOPICS = frozenset({"system:health"})  # the same for every workspace
BINARY_VERSION = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """Bytes that go with the message of that number. Who is slow does not get them, and asks for them when needed."""

    seq: int
    body: bytes

    def over_the_socket(self, topic: str) -> bytes:
        """version u8, length of the topic u16, topic, seq u32 (little-endian), then the bytes."""
        name = topic.encode()
        return struct.pack("<BH", BINARY_VERSION, len(name)) + name + struct.pack("<I", self.seq) + self.body


Message = dict[str, Any] | Picture


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
    publish_all([(topic, message)], schema=schema)


def publish_all(messages: Sequence[tuple[str, Message]], *, schema: str | None = None) -> None:
    """Send messages with their topics, in order, in one go; what nobody listens to is not sent.

    Whoever begins to listen while we ask finds in PostgreSQL what is not sent to them: they listen first, then read.
    """
    if not messages or time.monotonic() < _silence.until:
        return
    owner, layer = schema or current_schema(), get_channel_layer()
    client = (
        _redis()
    )  # kept to the end: of several made at once one stays, and one that is dropped closes its connections
    addressed = [(channel_of(group_name(topic, owner)), topic, message) for topic, message in messages]
    try:
        heard = _heard(client, {channel for channel, _, _ in addressed})
        if heard:
            pipeline = client.pipeline(transaction=False)
            for channel, topic, message in addressed:
                if channel in heard:
                    pipeline.publish(channel, _sealed(layer, topic, message))
            pipeline.execute()
    except RedisError:
        _silence.until = time.monotonic() + SILENT_SECONDS
        log.warning("Redis is away; %s live messages were not sent", len(messages))


def _heard(client: redis.Redis, channels: Collection[str]) -> set[str]:
    """Those that somebody listens to."""
    counts: Any = client.pubsub_numsub(*channels)
    return {channel.decode() for channel, listeners in counts if listeners}


def _sealed(layer: Any, topic: str, message: Message) -> bytes:
    if isinstance(message, Picture):
        seen: bytes = layer.serialize({"type": "live.picture", "picture": message.over_the_socket(topic)})
        return seen
    text = json.dumps({"topic": topic, **message}, default=str)
    sealed: bytes = layer.serialize(
        {"type": "live.message", "seq": message.get("seq"), "text": text, "at": time.time()}
    )
    return sealed


class _Silence:
    """Until when nothing is sent: a Redis that does not answer must not hold up whoever stores lines."""

    until = 0.0


_silence = _Silence()
