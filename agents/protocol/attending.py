"""An agent on duty: it announces itself, handles its messages, obeys the host's commands, and says how it is doing.

    async with asyncio.TaskGroup() as duty:
        duty.create_task(Attendant(bus, registry, Card("bob", ("search",)), handle).attend())

Commands come on `system.commands` and only from the host; figures go out on `agent.metrics`, health through the registry.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Literal

from agents.protocol.bus import Bus
from agents.protocol.errors import BadMessage
from agents.protocol.filters import Filter
from agents.protocol.inbox import Delivery, Handler, Inbox
from agents.protocol.receipts import Receipt
from agents.protocol.registry import TTL_SECONDS, Card, Registry
from agents.protocol.terms import Terms
from agents.protocol.topics import COMMANDS, HOST, METRICS

Command = Literal["pause", "resume", "drain", "ping"]
EVERYBODY = "*"
_KNOWN = frozenset({"pause", "resume", "drain", "ping"})


async def command(bus: Bus, action: Command, *, to: Iterable[str] = (EVERYBODY,)) -> Receipt:
    """Tell agents what to do. For the host: an agent's line refuses this topic."""
    if action not in _KNOWN:
        raise BadMessage(f"There is no command {action}: use {', '.join(sorted(_KNOWN))}.")
    return await bus.publish(COMMANDS, {"action": action, "to": list(to)}, sender=HOST, priority=9)


def _for(name: str) -> Filter:
    """Orders to this agent or to everybody."""
    return Filter.of({"any": [{"field": "content.to", "contains": each} for each in (name, EVERYBODY)]})


class Attendant:
    """`paused` keeps messages waiting; `draining` ends the duty when nothing waits any more."""

    def __init__(
        self, bus: Bus, registry: Registry, card: Card, handler: Handler, *, terms: Terms | None = None,
        ttl: float = TTL_SECONDS,
    ) -> None:  # fmt: skip
        self.card, self.handled, self.failed = card, 0, 0
        self._bus, self._registry, self._handler = bus, registry, handler
        self._terms, self._ttl = terms or Terms(), ttl
        self._may_work = asyncio.Event()
        self._may_work.set()
        self._draining = asyncio.Event()
        self._busy_seconds = 0.0

    async def attend(self) -> None:
        """Until it is drained, or cancelled; either way it leaves the registry and its inboxes close."""
        inbox = await self._bus.open(self.card.name, self._terms)
        orders = await self._bus.open(
            f"{self.card.name} (orders)", Terms(topics=(COMMANDS,), where=_for(self.card.name))
        )
        await self._registry.announce(self.card, ttl=self._ttl)
        obeying = [asyncio.create_task(each) for each in (self._obey(orders), self._beat())]
        try:
            await self._work(inbox)
        finally:
            for task in obeying:
                task.cancel()
            await asyncio.gather(*obeying, return_exceptions=True)
            await orders.close()
            await inbox.close()
            await self._registry.withdraw(self.card.name)

    def figures(self) -> dict[str, Any]:
        return {"handled": self.handled, "failed": self.failed, "busy_seconds": round(self._busy_seconds, 3)}

    async def _work(self, inbox: Inbox) -> None:
        """At most `card.capacity` messages at a time."""
        places = asyncio.Semaphore(self.card.capacity)
        async with asyncio.TaskGroup() as work:
            while True:
                await self._may_work.wait()
                await places.acquire()
                delivery = await self._next(inbox)
                if delivery is None:
                    return
                if not self._may_work.is_set():
                    delivery.release()
                    places.release()
                    continue
                work.create_task(self._handle(delivery)).add_done_callback(lambda _: places.release())

    async def _next(self, inbox: Inbox) -> Delivery | None:
        """The next message; None when it is draining and nothing waits."""
        taking = asyncio.create_task(inbox.get())
        drained = asyncio.create_task(self._draining.wait())
        try:
            await asyncio.wait({taking, drained}, return_when=asyncio.FIRST_COMPLETED)
            if not taking.done():
                await asyncio.sleep(0)  # what waits already is taken at once
            return taking.result() if taking.done() else None
        except asyncio.CancelledError:
            if taking.done() and not taking.cancelled():
                taking.result().release()
            raise
        finally:
            drained.cancel()
            if not taking.done():
                taking.cancel()
                await asyncio.gather(taking, return_exceptions=True)

    async def _handle(self, delivery: Delivery) -> None:
        began = time.monotonic()
        done = await delivery.inbox.handle_one(delivery, self._handler)
        self.handled, self.failed = self.handled + done, self.failed + (not done)
        self._busy_seconds += time.monotonic() - began

    async def _obey(self, orders: Inbox) -> None:
        async for delivery in orders:
            await self._carry_out(delivery.message.content["action"])
            await delivery.ack()

    async def _carry_out(self, action: Command) -> None:
        if action == "pause":
            self._may_work.clear()
        elif action == "resume":
            self._may_work.set()
        elif action == "drain":
            await self._registry.heartbeat(self.card.name, health="draining", detail="It finishes what waits.")
            self._may_work.set()
            self._draining.set()
        else:
            await self._say_figures()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._ttl / 3)
            if not await self._registry.heartbeat(self.card.name):
                await self._registry.announce(self.card, ttl=self._ttl)
            await self._say_figures()

    async def _say_figures(self) -> None:
        await self._bus.publish(METRICS, {"agent": self.card.name, **self.figures()}, sender=self.card.name)
