"""One process's end of an inbox: what it has fetched, and what it says to Redis about it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from agents.protocol.inbox import Delivery, Inbox
from agents.protocol.messages import Message
from agents.protocol.terms import Terms
from agents.protocol.waiting import Waiting

if TYPE_CHECKING:
    from agents.protocol.streams.bus import StreamsBus

PREFETCH = 128
"""Messages of one inbox that a process holds at most before it has handled them."""


class Entry(NamedTuple):
    """Where a message stands in Redis."""

    stream: str
    id: bytes


class StreamInbox(Inbox):
    def __init__(self, bus: StreamsBus, name: str, terms: Terms) -> None:
        super().__init__(bus, name, terms)
        self._bus = bus
        self.streams = bus.keys.inbox(name)
        self.held: set[Entry] = set()
        self._done: dict[str, list[bytes]] = defaultdict(list)
        self._telling: asyncio.Task[None] | None = None

    @property
    def has_room(self) -> bool:
        return len(self.held) < PREFETCH and not self.closed

    def arrived(self, entry: Entry, message: Message, attempt: int) -> None:
        if entry not in self.held and not self.closed:
            self.held.add(entry)
            self.put(Delivery(message, self, attempt, entry))

    async def acked(self, deliveries: Sequence[Delivery]) -> None:
        """Settled together with whatever else this process settles at the same moment."""
        for delivery in deliveries:
            entry: Entry = delivery.mark
            self._done[entry.stream].append(entry.id)
            self._forget(delivery)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())
        await asyncio.shield(self._telling)

    async def failed(self, delivery: Delivery, reason: str) -> None:
        if delivery.attempt >= self.terms.attempts or self.closed:
            await self._bus.bury(delivery.message, self.name, "failed", reason)
            await self.acked([delivery])
            return
        entry: Entry = delivery.mark
        await self._bus.send_again(entry.stream, entry.id, delivery.message, delivery.attempt + 1)
        self._forget(delivery)

    async def expired(self, delivery: Delivery) -> None:
        await self._bus.bury(delivery.message, self.name, "expired")
        await self.acked([delivery])

    async def close(self) -> None:
        if self.closed:
            return
        self.shut()
        self.waiting = Waiting()  # what it has fetched is still in the streams
        in_hand = {delivery.message.id for delivery in self.in_hand}
        for message in await self._bus.withdraw(self):
            if message.id not in in_hand:
                await self._bus.bury(message, self.name, "closed")

    async def give_back(self) -> None:
        """Nothing is lost when a process ends: what it holds goes to the next reader, untried."""
        self.shut()
        waiting = iter(self.waiting.pop, None)
        for delivery in [*self.in_hand, *waiting]:
            entry: Entry = delivery.mark
            delivery.settled = True
            await self._bus.send_again(entry.stream, entry.id, delivery.message, delivery.attempt)
        self.in_hand.clear()
        self.held.clear()

    def _forget(self, delivery: Delivery) -> None:
        self.in_hand.discard(delivery)
        was_full = not self.has_room
        self.held.discard(delivery.mark)
        if was_full:
            self._bus.drained()

    async def _tell(self) -> None:
        await asyncio.sleep(0)
        while self._done:
            stream, entries = self._done.popitem()
            await self._bus.settle(stream, entries)
