"""An inbox: messages for one name, the most urgent first, taken one by one and settled one by one."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.protocol.errors import BusClosed
from agents.protocol.messages import Message
from agents.protocol.terms import Terms
from agents.protocol.topics import ERRORS
from agents.protocol.waiting import Waiting

if TYPE_CHECKING:
    from agents.protocol.bus import Bus

log = logging.getLogger("guildhall.protocol")

Handler = Callable[[Message], Awaitable[object]]


@dataclass(slots=True, eq=False)
class Delivery:
    """A message in hand. Settle it: `ack`, `fail` with a reason, or `release` it untried. `attempt` counts from 1."""

    message: Message
    inbox: Inbox
    attempt: int = 1
    mark: Any = None
    settled: bool = False

    async def ack(self) -> None:
        await self.inbox.ack([self])

    async def fail(self, reason: str) -> None:
        """It comes again, or is dead when it was the last attempt."""
        if self.settle():
            await self.inbox.failed(self, reason)

    def release(self) -> None:
        """Put it back as if it had not been taken; does not wait, so a cancelled task can do it."""
        if self.settle():
            self.inbox.put_back(self)

    def settle(self) -> bool:
        """True the first time."""
        settled, self.settled = self.settled, True
        return not settled


class Inbox(ABC):
    """Opened with `bus.open`. Several tasks may take from it; each message goes to one of them."""

    def __init__(self, bus: Bus, name: str, terms: Terms) -> None:
        self.bus, self.name, self.terms = bus, name, terms
        self.waiting: Waiting[Delivery] = Waiting()
        self.in_hand: set[Delivery] = set()
        self.closed = False
        self._takers: deque[asyncio.Future[None]] = deque()

    async def get(self, *, timeout: float | None = None) -> Delivery:  # noqa: ASYNC109 - wait_for would lose a message
        """The next message. Raises TimeoutError, or BusClosed. Cancelled, it takes nothing."""
        async with asyncio.timeout(timeout):
            while (delivery := await self.next_waiting()) is None:
                self.raise_if_closed()
                await self._wait()
        return delivery

    async def take(self, most: int = 20) -> list[Delivery]:
        """What waits now, without waiting for more."""
        taken: list[Delivery] = []
        while len(taken) < most and (delivery := await self.next_waiting()) is not None:
            taken.append(delivery)
        return taken

    async def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Settle several at once; over Redis in one round trip."""
        await self.acked([delivery for delivery in deliveries if delivery.settle()])

    async def next_waiting(self) -> Delivery | None:
        """The first that has not expired; the expired ones before it are buried."""
        while (delivery := self.waiting.pop()) is not None:
            if delivery.message.expires_at is None or not delivery.message.has_expired(time.time()):
                self.in_hand.add(delivery)
                return delivery
            delivery.settled = True
            await self.expired(delivery)
        return None

    async def __aiter__(self) -> AsyncIterator[Delivery]:
        with suppress(BusClosed):
            while True:
                yield await self.get()

    async def handle(self, handler: Handler) -> None:
        """Hand every message to `handler` until the inbox is closed. What it raises is a failed attempt; cancelled, it puts its message back."""
        async for delivery in self:
            await self.handle_one(delivery, handler)

    async def handle_one(self, delivery: Delivery, handler: Handler) -> bool:
        """Hand over one message and settle it; true when the handler did not fail."""
        try:
            await handler(delivery.message)
        except asyncio.CancelledError:
            delivery.release()
            raise
        except Exception as error:  # the handler is whoever listens: what it raises counts as a failed attempt
            log.exception("%s could not handle a message", self.name)
            await self._failed(delivery, f"{type(error).__name__}: {error}"[:200])
            return False
        await delivery.ack()
        return True

    def put(self, delivery: Delivery) -> None:
        self.waiting.put(delivery, delivery.message.priority)
        self.wake()

    def put_back(self, delivery: Delivery) -> None:
        self.in_hand.discard(delivery)
        again = Delivery(delivery.message, self, delivery.attempt, delivery.mark)
        self.waiting.put_first(again, again.message.priority)
        self.wake()

    def raise_if_closed(self) -> None:
        if self.closed:
            raise BusClosed(f"The inbox of {self.name} is closed.")

    def wake(self) -> None:
        """Let one taker look."""
        while self._takers:
            taker = self._takers.popleft()
            if not taker.done():
                taker.set_result(None)
                return

    def shut(self) -> None:
        """Nothing is taken from here any more; whoever waits is told."""
        self.closed = True
        while self._takers:
            self.wake()

    async def _failed(self, delivery: Delivery, error: str) -> None:
        told = {"message": str(delivery.message.id), "attempt": delivery.attempt, "error": error}
        await delivery.fail(error)
        await self.bus.publish(ERRORS, told, sender=self.name)

    async def _wait(self) -> None:
        taker = asyncio.get_running_loop().create_future()
        self._takers.append(taker)
        try:
            await taker
        except asyncio.CancelledError:
            if taker.done() and not taker.cancelled():
                self.wake()  # it was our turn, and we are gone: the next one looks
            else:
                taker.cancel()
                with suppress(ValueError):
                    self._takers.remove(taker)
            raise

    # What each kind of bus does about it

    @abstractmethod
    async def acked(self, deliveries: Sequence[Delivery]) -> None: ...

    @abstractmethod
    async def failed(self, delivery: Delivery, reason: str) -> None: ...

    @abstractmethod
    async def expired(self, delivery: Delivery) -> None: ...

    @abstractmethod
    async def close(self) -> None:
        """Leave the bus: what still waits is dead."""
