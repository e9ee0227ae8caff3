"""What lies in the inboxes of a play: of a message what its readers get. Its id and its names are worked out where somebody asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.protocol.messages import Message
from agents.protocol.steps.names import moment_of

AROUND = 100
"""Bytes that a message takes besides its content."""


@dataclass(slots=True, eq=False)
class Note:
    """A message of `sender` to the member `to`, the host where None; or any message that is there already. `packed`: as it was kept.

    `size` in bytes.
    """

    step: int
    number: int
    sender: int | None
    to: int | None
    content: Any
    size: int
    topic: str
    headers: Mapping[str, str]
    priority: int
    expires_at: float | None
    message: Message | None = None
    packed: bytes | None = None

    def has_expired(self, now: float) -> bool:
        return self.expires_at is not None and now >= self.expires_at


def note_of(message: Message) -> Note:
    """Of a message of the same bus."""
    step, number = moment_of(message.id)
    return Note(
        step, number, None, None, message.content, AROUND + len(message.body),
        message.topic, message.headers, message.priority, message.expires_at, message,
    )  # fmt: skip
