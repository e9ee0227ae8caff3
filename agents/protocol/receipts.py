"""What became of a message: where it is, and why it is not where it should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agents.protocol.history import Record
from agents.protocol.messages import Message

Reason = Literal["undeliverable", "full", "dropped", "expired", "failed", "late", "closed"]
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that did not reach `recipient`, or that nobody there could use; `detail` is a sentence.

    `at`: seconds since 1970, on a bus of steps the step. `count`: how many inboxes of the same content `recipient` speaks for.
    """

    message: Message
    recipient: str
    reason: Reason
    detail: str
    at: float
    count: int = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message that was sent: in how many inboxes it is, and why not in others."""

    message: Message
    delivered: int
    dead: tuple[DeadLetter, ...] = ()

    def record(self) -> Record:
        """A message to one is dead when that one did not get it; a public one is sent, with a note of who missed it."""
        if not self.dead:
            return Record(self.message, heard=self.delivered)
        if not self.message.is_public:
            return Record(self.message, "dead", note_of(self.dead[0]))
        missed = ", ".join(f"{one.recipient} ({one.reason})" for one in self.dead)
        return Record(self.message, "sent", f"Missed by {missed}"[:LONGEST_NOTE], heard=self.delivered)


def letter(
    message: Message, recipient: str, reason: Reason, detail: str = "", *, at: float, count: int = 1
) -> DeadLetter:
    return DeadLetter(message, recipient, reason, detail or _SENTENCES[reason].format(recipient), at, count)


def death(dead: DeadLetter) -> Record:
    """What is written down when a message dies after it was sent."""
    return Record(dead.message, "sent" if dead.message.is_public else "dead", note_of(dead), is_new=False)


def note_of(dead: DeadLetter) -> str:
    return f"{dead.reason}: {dead.detail}"[:LONGEST_NOTE]


_SENTENCES: Mapping[Reason, str] = {
    "undeliverable": "Nobody called {} has an inbox here.",
    "full": "The inbox of {} is full.",
    "dropped": "Dropped from the inbox of {} to make room.",
    "expired": "Nobody at {} took it in time.",
    "failed": "{} could not handle it.",
    "late": "{} does not wait for this answer any more.",
    "closed": "{} left before reading it.",
}
