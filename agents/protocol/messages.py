"""A message: who says what to whom, how urgent it is, and until when it matters."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict
from uuid import UUID

import orjson

from agents.protocol.errors import BadMessage
from agents.protocol.topics import check_topic
from tenants.ids import uuid7

Kind = Literal["direct", "broadcast", "topic", "request", "reply"]
KINDS: tuple[Kind, ...] = ("direct", "broadcast", "topic", "request", "reply")

LONGEST_BODY = 64 * 1024
"""Bytes of a message's content as JSON; what is larger belongs into a file or the shared context, with its name in the message."""
LONGEST_NAME = 120
MOST_HEADERS, LONGEST_HEADER = 20, 200
LOWEST, NORMAL, HIGHEST = 1, 5, 9


class How(TypedDict, total=False):
    """`priority` from 1 to 9, 9 first; `ttl` as in a Draft; `headers` are short texts."""

    headers: Mapping[str, str]
    priority: int
    ttl: float | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sent. `ttl` in seconds, on a bus of steps in steps: a message that nobody took in that time is dead."""

    sender: str
    content: Any
    recipient: str = ""
    topic: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    priority: int = NORMAL
    ttl: float | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """As it went over the bus. `body` is the content as JSON; recipients of one message share `content` and leave it as it is.

    `sent_at` and `expires_at` in seconds since 1970, on a bus of steps in steps. `reply_to` says where the answer of a request goes.
    """

    id: UUID
    kind: Kind
    sender: str
    recipient: str
    topic: str
    content: Any
    body: bytes
    headers: Mapping[str, str]
    priority: int
    sent_at: float
    expires_at: float | None = None
    correlation_id: UUID | None = None
    reply_to: str = ""

    @property
    def is_public(self) -> bool:
        """Whether a content filter may look at it: what goes from one to one is nobody else's business."""
        return self.kind in {"broadcast", "topic"}

    def has_expired(self, now: float) -> bool:
        return self.expires_at is not None and now >= self.expires_at


def seal(draft: Draft, kind: Kind | None = None, *, correlation_id: UUID | None = None, reply_to: str = "") -> Message:
    """The draft as a message, sent now. Raises BadMessage with what is wrong."""
    return seal_as(draft, kind, ident=uuid7(), at=time.time(), correlation_id=correlation_id, reply_to=reply_to)


def seal_as(
    draft: Draft, kind: Kind | None = None, *, ident: UUID, at: float, correlation_id: UUID | None = None,
    reply_to: str = "",
) -> Message:  # fmt: skip
    """The same with an id and a moment that somebody else has chosen."""
    _check(draft)
    body = encoded(draft.content)
    return Message(
        id=ident,
        kind=kind or kind_of(draft),
        sender=draft.sender,
        recipient=draft.recipient,
        topic=draft.topic,
        content=as_read(draft.content, body),
        body=body,
        headers=draft.headers,
        priority=draft.priority,
        sent_at=at,
        expires_at=None if draft.ttl is None else at + draft.ttl,
        correlation_id=correlation_id,
        reply_to=reply_to,
    )


def kind_of(draft: Draft) -> Kind:
    if draft.recipient:
        return "direct"
    return "topic" if draft.topic else "broadcast"


def encoded(content: Any) -> bytes:
    """Content as JSON. Raises BadMessage for what is no JSON, holds NUL, or is too large."""
    try:
        body = orjson.dumps(content)
    except TypeError as error:
        raise BadMessage(f"A message is JSON: {error}.") from error
    if len(body) > LONGEST_BODY:
        raise BadMessage(f"A message has at most {LONGEST_BODY:,} bytes; this one has {len(body):,}.")
    if b"\\u0000" in body:
        raise BadMessage("A message cannot hold NUL characters.")
    return body


def as_read(content: Any, body: bytes) -> Any:
    """The content as its readers get it: what the sender changes later changes nothing here."""
    return content if type(content) is str else orjson.loads(body)


def check_name(name: str) -> str:
    """Raises BadMessage for what cannot be the name of an agent."""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadMessage(f"A name has 1 to {LONGEST_NAME} printable characters.")
    return name


def _check(draft: Draft) -> None:
    check_name(draft.sender)
    if draft.recipient:
        check_name(draft.recipient)
    if draft.topic:
        check_topic(draft.topic)
    check_how(draft.headers, draft.priority, draft.ttl)


def check_how(headers: Mapping[str, str], priority: int, ttl: float | None) -> None:
    """Raises BadMessage."""
    if not LOWEST <= priority <= HIGHEST:
        raise BadMessage(f"A priority is a whole number from {LOWEST} to {HIGHEST}; {HIGHEST} goes first.")
    if ttl is not None and ttl <= 0:
        raise BadMessage("A message lives for more than 0 seconds.")
    if headers:
        _check_headers(headers)


def _check_headers(headers: Mapping[str, str]) -> None:
    if len(headers) > MOST_HEADERS:
        raise BadMessage(f"A message has at most {MOST_HEADERS} headers.")
    for name, value in headers.items():
        if not isinstance(value, str) or not 0 < len(name) <= LONGEST_HEADER or len(value) > LONGEST_HEADER:
            raise BadMessage(f"Headers are texts of at most {LONGEST_HEADER} characters.")


def fields_of(message: Message) -> list[Any]:
    """What `orjson` can write down, and `message_of` reads again."""
    return [
        message.id, message.kind, message.sender, message.recipient, message.topic, orjson.Fragment(message.body),
        message.headers, message.priority, message.sent_at, message.expires_at, message.correlation_id, message.reply_to,
    ]  # fmt: skip


def message_of(fields: Sequence[Any]) -> Message:
    """From its fields, as they came out of JSON."""
    ident, kind, sender, recipient, topic, content, headers, priority, sent, expires, joined, reply_to = fields
    correlation = UUID(joined) if joined else None
    body = orjson.dumps(content)
    return Message(
        UUID(ident), kind, sender, recipient, topic, content, body, headers, priority, sent, expires, correlation, reply_to
    )  # fmt: skip


def packed(message: Message) -> bytes:
    """For the wire."""
    return orjson.dumps(fields_of(message))


def unpacked(data: bytes) -> Message:
    """From the wire."""
    return message_of(orjson.loads(data))
