"""The registry in process. Time is the monotonic clock: setting the machine's clock makes nobody vanish."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from agents.protocol.bus import Bus
from agents.protocol.registry import TTL_SECONDS, Card, Health, Registry, check_card, least_busy


@dataclass(slots=True)
class _Place:
    card: Card
    ttl: float
    until: float


class LocalRegistry(Registry):
    def __init__(self, bus: Bus | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(bus)
        self._clock = clock
        self._places: dict[str, _Place] = {}

    async def announce(self, card: Card, *, ttl: float = TTL_SECONDS) -> None:
        card = check_card(card)
        before = self._places.get(card.name)
        self._places[card.name] = _Place(card, ttl, self._clock() + ttl)
        if before is None or before.card.health != card.health:
            await self.tell(card.name, card.health, card.detail)

    async def heartbeat(self, name: str, *, health: Health | None = None, detail: str = "") -> bool:
        await self._forget_silent()
        place = self._places.get(name)
        if place is None:
            return False
        before, place.until = place.card.health, self._clock() + place.ttl
        if health is not None:
            place.card = check_card(replace(place.card, health=health, detail=detail))
            if health != before:
                await self.tell(name, health, detail)
        return True

    async def withdraw(self, name: str) -> None:
        if self._places.pop(name, None) is not None:
            await self.tell(name, "gone", "It left.")

    async def agents(self) -> list[Card]:
        await self._forget_silent()
        return [self._places[name].card for name in sorted(self._places)]

    async def borrow(self, *capabilities: str) -> Card | None:
        found = least_busy(await self.agents(), capabilities)
        if found is not None:
            found = self._places[found.name].card = replace(found, load=found.load + 1)
        return found

    async def give_back(self, name: str) -> None:
        if (place := self._places.get(name)) is not None:
            place.card = replace(place.card, load=max(place.card.load - 1, 0))

    async def _forget_silent(self) -> None:
        now = self._clock()
        for name in [name for name, place in self._places.items() if place.until <= now]:
            del self._places[name]
            await self.tell(name, "gone", "It stopped saying that it is there.")
