"""What an inbox takes, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.protocol.errors import BadMessage
from agents.protocol.filters import Filter
from agents.protocol.messages import Message
from agents.protocol.topics import check_pattern, matches

Overflow = Literal["refuse", "drop_oldest"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What an inbox takes and how much of it.

    `topics` are patterns; `where` is a content filter: with topics it narrows them, alone it takes whatever fits of all topics and broadcasts.
    `capacity` bounds what waits; beyond it new messages are refused, or the oldest of the least urgent is dropped and counted.
    A message whose handler failed `attempts` times is dead.
    """

    topics: tuple[str, ...] = ()
    where: Filter | None = None
    broadcasts: bool = True
    capacity: int = 1_000
    overflow: Overflow = "refuse"
    attempts: int = 3

    def __post_init__(self) -> None:
        for pattern in self.topics:
            check_pattern(pattern)
        if self.capacity < 1 or self.attempts < 1:
            raise BadMessage("An inbox holds at least one message and tries it at least once.")

    def wants(self, message: Message) -> bool:
        """Whether a public message is for this inbox."""
        if message.topic:
            return self.wants_topic(message.topic) and (self.where is None or self.where(message))
        return self.broadcasts and (self.where is None or bool(self.topics) or self.where(message))

    def wants_topic(self, topic: str) -> bool:
        """Whether a message of the topic may be for this inbox: by its topics, or, with a filter alone, by its content."""
        if not self.topics:
            return self.where is not None
        return any(matches(pattern, topic) for pattern in self.topics)
