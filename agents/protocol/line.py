"""What an agent holds of the bus: it speaks under its own name and cannot speak under another."""

from __future__ import annotations

from typing import Any, Unpack

from agents.protocol.bus import REPLY_SECONDS, Bus
from agents.protocol.errors import NotAllowed
from agents.protocol.messages import How, Message, check_name
from agents.protocol.receipts import Receipt
from agents.protocol.topics import HOST


class Line:
    """One agent's line to the others."""

    def __init__(self, bus: Bus, name: str) -> None:
        if check_name(name) == HOST:
            raise NotAllowed(f"“{HOST}” is the host's own name.")
        self._bus, self.name = bus, name

    async def send(self, content: Any, *, to: str, **how: Unpack[How]) -> Message:
        return await self._bus.send(content, sender=self.name, to=to, **how)

    async def broadcast(self, content: Any, **how: Unpack[How]) -> Receipt:
        return await self._bus.broadcast(content, sender=self.name, **how)

    async def publish(self, topic: str, content: Any, **how: Unpack[How]) -> Receipt:
        return await self._bus.publish(topic, content, sender=self.name, **how)

    async def request(self, content: Any, *, to: str, seconds: float = REPLY_SECONDS, **how: Unpack[How]) -> Message:
        return await self._bus.request(content, sender=self.name, to=to, seconds=seconds, **how)

    async def reply(self, request: Message, content: Any) -> Message:
        return await self._bus.reply(request, content, sender=self.name)
