"""The bus in process. Everything happens in one event loop; sending does not wait for anybody but the history."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence

from agents.protocol.bus import Bus
from agents.protocol.errors import BusClosed, NameTaken, NotAllowed
from agents.protocol.history import History
from agents.protocol.inbox import Delivery, Inbox
from agents.protocol.messages import Message, check_name
from agents.protocol.receipts import DeadLetter, Reason, Receipt, letter
from agents.protocol.routes import Routes
from agents.protocol.terms import Terms
from agents.protocol.topics import HOST

MOST_DEAD_LETTERS = 1_000
SENT_BETWEEN_YIELDS = 64


class LocalBus(Bus):
    """Inboxes of one event loop. An exact order of priorities, and no message outlives the process."""

    def __init__(self, history: History | None = None) -> None:
        super().__init__(history)
        self._routes: Routes[LocalInbox] = Routes()
        self._letters: deque[DeadLetter] = deque(maxlen=MOST_DEAD_LETTERS)
        self._sent = 0
        self._closed = False

    async def listen_for_answers(self) -> str:
        return ""

    async def open(self, name: str, terms: Terms | None = None) -> LocalInbox:
        self._raise_if_closed()
        if check_name(name) == HOST:
            raise NotAllowed(f"“{HOST}” is the host's own name.")
        if name in self._routes:
            raise NameTaken(f"There is an inbox called {name} already.")
        inbox = LocalInbox(self, name, terms or Terms())
        self._routes.add(inbox)
        return inbox

    async def dead_letters(self, most: int = 100) -> list[DeadLetter]:
        return list(reversed(self._letters))[:most]

    async def aclose(self) -> None:
        self._closed = True
        for inbox in self._routes:
            await inbox.close()
        for waiting in self._asking.values():
            if not waiting.done():
                waiting.set_exception(BusClosed("The bus was closed before the answer came."))

    async def deliver(self, messages: Sequence[Message]) -> list[Receipt]:
        self._raise_if_closed()
        receipts = [await self._deliver(message) for message in messages]
        self._sent += len(messages)
        if self._sent >= SENT_BETWEEN_YIELDS:
            self._sent = 0
            await asyncio.sleep(0)  # a sender in a loop lets the readers read
        return receipts

    async def keep_dead(self, letters: Sequence[DeadLetter]) -> None:
        self._letters.extend(letters)

    def forget(self, inbox: LocalInbox) -> None:
        self._routes.remove(inbox)

    async def _deliver(self, message: Message) -> Receipt:
        if message.kind == "reply":
            return self._answer(message)
        targets = self._routes.targets(message)
        if not targets and not message.is_public:
            return Receipt(message, 0, (letter(message, message.recipient, "undeliverable", at=time.time()),))
        missed = [dead for inbox in targets if (dead := await inbox.admit(message)) is not None]
        return Receipt(message, len(targets) - len(missed), tuple(missed))

    def _answer(self, message: Message) -> Receipt:
        if self.answered(message):
            return Receipt(message, 1)
        return Receipt(message, 0, (letter(message, message.recipient, "late", at=time.time()),))

    def _raise_if_closed(self) -> None:
        if self._closed:
            raise BusClosed("This bus is closed.")


class LocalInbox(Inbox):
    def __init__(self, bus: LocalBus, name: str, terms: Terms) -> None:
        super().__init__(bus, name, terms)
        self._bus = bus

    async def admit(self, message: Message) -> DeadLetter | None:
        """Take the message in, or say why not. A full inbox refuses, or drops the oldest of the least urgent, which may be this one."""
        delivery = Delivery(message, self)
        left_out = self.waiting.admit(delivery, message.priority, self.terms)
        if left_out is None:
            self.wake()
            return None
        if left_out is delivery:
            reason: Reason = "full" if self.terms.overflow == "refuse" else "dropped"
            return letter(message, self.name, reason, at=time.time())
        await self._bus.bury(left_out.message, self.name, "dropped")
        return None

    async def acked(self, deliveries: Sequence[Delivery]) -> None:
        self.in_hand.difference_update(deliveries)

    async def failed(self, delivery: Delivery, reason: str) -> None:
        self.in_hand.discard(delivery)
        if delivery.attempt < self.terms.attempts and not self.closed:
            self.put(Delivery(delivery.message, self, delivery.attempt + 1))
            return
        await self._bus.bury(delivery.message, self.name, "failed", reason)

    async def expired(self, delivery: Delivery) -> None:
        await self._bus.bury(delivery.message, self.name, "expired")

    async def close(self) -> None:
        if self.closed:
            return
        self.shut()
        self._bus.forget(self)
        while (delivery := self.waiting.pop()) is not None:
            await self._bus.bury(delivery.message, self.name, "closed")
