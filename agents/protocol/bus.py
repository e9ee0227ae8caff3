"""The message bus: one interface, told in process or over Redis."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, Unpack
from uuid import UUID

from agents.protocol import metrics
from agents.protocol.errors import InboxFull, NoReply, NotAllowed, Undeliverable
from agents.protocol.history import History, Nowhere, Record
from agents.protocol.inbox import Inbox, Terms
from agents.protocol.messages import Draft, Message, seal
from agents.protocol.topics import HOST, is_reserved
from tenants.ids import uuid7

Reason = Literal["undeliverable", "full", "dropped", "expired", "failed", "late", "closed"]
REPLY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that did not reach `recipient`, or that nobody there could use; `detail` is a sentence. `at`: seconds since 1970."""

    message: Message
    recipient: str
    reason: Reason
    detail: str
    at: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message that was sent: in how many inboxes it is, and why not in others."""

    message: Message
    delivered: int
    dead: tuple[DeadLetter, ...] = ()


class How(TypedDict, total=False):
    """`priority` from 1 to 9, 9 first; `ttl` in seconds; `headers` are short texts."""

    headers: Mapping[str, str]
    priority: int
    ttl: float | None


class Bus(ABC):
    """Any number of named inboxes. The sender is believed: whoever lets agents speak hands them a `Line`, which fixes their name."""

    def __init__(self, history: History | None = None) -> None:
        self.dead: Counter[str] = Counter()
        self._history: History = history or Nowhere()
        self._asking: dict[UUID, asyncio.Future[Message]] = {}

    # Speaking

    async def send(self, content: Any, *, sender: str, to: str, **how: Unpack[How]) -> Message:
        """To one inbox. Raises Undeliverable, InboxFull, BadMessage."""
        return await self._send(seal(Draft(sender, content, recipient=to, **how)))

    async def broadcast(self, content: Any, *, sender: str, **how: Unpack[How]) -> Receipt:
        """To every inbox but the sender's own."""
        return await self._tell(seal(Draft(sender, content, **how)))

    async def publish(self, topic: str, content: Any, *, sender: str, **how: Unpack[How]) -> Receipt:
        """To whoever subscribed to the topic or to such content, but not back to the sender."""
        return await self._tell(seal(Draft(sender, content, topic=topic, **how)))

    async def request(
        self, content: Any, *, sender: str, to: str, seconds: float = REPLY_SECONDS, **how: Unpack[How]
    ) -> Message:
        """Send, and wait for the answer. Raises NoReply after `seconds`, and what `send` raises."""
        correlation = uuid7()
        wish = Draft(sender, content, recipient=to, **{"ttl": seconds, **how})  # type: ignore[arg-type]
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._asking[correlation] = answer
        try:
            back = await self.listen_for_answers()
            await self._send(seal(wish, "request", correlation_id=correlation, reply_to=back))
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            raise NoReply(f"{to} did not answer within {seconds:g} s.") from None
        finally:
            del self._asking[correlation]

    async def reply(self, request: Message, content: Any, *, sender: str) -> Message:
        """Answer a request. One that nobody waits for any more is buried as late."""
        if request.kind != "request" or request.recipient != sender:
            raise NotAllowed("Only the one who was asked answers a request.")
        wish = Draft(sender, content, recipient=request.sender, priority=request.priority)
        answer = seal(wish, "reply", correlation_id=request.correlation_id, reply_to=request.reply_to)
        await self.send_sealed([answer])
        return answer

    async def send_many(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Several at once, in order; over Redis in one round trip. What cannot be delivered is in the receipts, not raised."""
        return await self.send_sealed([seal(draft) for draft in drafts])

    # Listening

    @abstractmethod
    async def open(self, name: str, terms: Terms | None = None) -> Inbox:
        """An inbox: whatever is sent after this returns is in it. Raises NameTaken, NotAllowed."""

    @abstractmethod
    async def dead_letters(self, most: int = 100) -> list[DeadLetter]:
        """The last ones, newest first. They are kept in bounded numbers."""

    @abstractmethod
    async def aclose(self) -> None:
        """End the bus on this side; whoever waits gets BusClosed."""

    # What the two kinds do in their own way

    @abstractmethod
    async def listen_for_answers(self) -> str:
        """Where answers to our requests go."""

    @abstractmethod
    async def deliver(self, messages: Sequence[Message]) -> list[Receipt]:
        """Put messages into inboxes, and replies to whoever asked."""

    @abstractmethod
    async def keep_dead(self, letters: Sequence[DeadLetter]) -> None: ...

    # What they share

    async def send_sealed(self, messages: Sequence[Message]) -> list[Receipt]:
        for message in messages:
            if is_reserved(message.topic) and message.sender != HOST:
                raise NotAllowed(f"Only the host speaks on {message.topic}.")
        receipts = await self.deliver(messages)
        for receipt in receipts:
            metrics.SENT[receipt.message.kind].inc()
            self._history.add(_record_of(receipt))
        if letters := [letter for receipt in receipts for letter in receipt.dead]:
            await self._count_dead(letters)
        await self._history.room()
        return receipts

    async def bury(self, message: Message, recipient: str, reason: Reason, detail: str = "") -> None:
        """A message dies after it was sent."""
        dead = letter(message, recipient, reason, detail)
        note = f"{reason}: {dead.detail}"
        self._history.add(Record(message, "sent" if message.is_public else "dead", note[:200], is_new=False))
        await self._count_dead([dead])

    def answered(self, reply: Message) -> bool:
        """Hand a reply to whoever waits for it in this process."""
        waiting = self._asking.get(reply.correlation_id) if reply.correlation_id else None
        if waiting is None or waiting.done():
            return False
        waiting.set_result(reply)
        return True

    async def _send(self, message: Message) -> Message:
        receipt = await self._tell(message)
        refused = next((one for one in receipt.dead if one.reason in {"undeliverable", "full"}), None)
        if refused is not None:
            raise InboxFull(refused.detail) if refused.reason == "full" else Undeliverable(refused.detail)
        return message

    async def _tell(self, message: Message) -> Receipt:
        return (await self.send_sealed([message]))[0]

    async def _count_dead(self, letters: Sequence[DeadLetter]) -> None:
        for letter in letters:
            self.dead[letter.reason] += 1
            metrics.DEAD.labels(letter.reason).inc()
        await self.keep_dead(letters)


def letter(message: Message, recipient: str, reason: Reason, detail: str = "") -> DeadLetter:
    return DeadLetter(message, recipient, reason, detail or _SENTENCES[reason].format(recipient), time.time())


_SENTENCES: Mapping[Reason, str] = {
    "undeliverable": "Nobody called {} has an inbox here.",
    "full": "The inbox of {} is full.",
    "dropped": "Dropped from the inbox of {} to make room.",
    "expired": "Nobody at {} took it in time.",
    "failed": "{} could not handle it.",
    "late": "{} does not wait for this answer any more.",
    "closed": "{} left before reading it.",
}


def _record_of(receipt: Receipt) -> Record:
    """A message to one is dead when that one did not get it; a public one is sent, with a note of who missed it."""
    if not receipt.dead:
        return Record(receipt.message)
    if not receipt.message.is_public:
        first = receipt.dead[0]
        return Record(receipt.message, "dead", f"{first.reason}: {first.detail}"[:200])
    missed = ", ".join(f"{one.recipient} ({one.reason})" for one in receipt.dead)
    return Record(receipt.message, "sent", f"Missed by {missed}"[:200])
