"""The message bus: one interface, told in process or over Redis."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from typing import Any, Unpack
from uuid import UUID

from agents.protocol import metrics
from agents.protocol.errors import InboxFull, NoReply, NotAllowed, Undeliverable
from agents.protocol.history import History, Nowhere
from agents.protocol.inbox import Inbox
from agents.protocol.messages import Draft, How, Message, seal
from agents.protocol.receipts import DeadLetter, Reason, Receipt, death, letter
from agents.protocol.routes import may_speak
from agents.protocol.terms import Terms
from tenants.ids import uuid7

REPLY_SECONDS = 30.0


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
            if message.topic and not may_speak(message.sender, message.topic):
                raise NotAllowed(f"Only the host speaks on {message.topic}.")
        receipts = await self.deliver(messages)
        for receipt in receipts:
            metrics.SENT[receipt.message.kind].inc()
            self._history.add(receipt.record())
        if letters := [one for receipt in receipts for one in receipt.dead]:
            await self._count_dead(letters)
        await self._history.room()
        return receipts

    async def bury(self, message: Message, recipient: str, reason: Reason, detail: str = "") -> None:
        """A message dies after it was sent."""
        dead = letter(message, recipient, reason, detail, at=time.time())
        self._history.add(death(dead))
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
        for one in letters:
            self.dead[one.reason] += 1
            metrics.DEAD.labels(one.reason).inc()
        await self.keep_dead(letters)
