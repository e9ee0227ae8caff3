"""Who is there: agents announce what they can, how busy and how well they are, and vanish when they stop saying so."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agents.protocol.bus import Bus
from agents.protocol.errors import BadMessage
from agents.protocol.messages import check_name
from agents.protocol.topics import HEALTH, HOST

Health = Literal["healthy", "degraded", "unhealthy", "draining"]
HEALTHS: tuple[Health, ...] = ("healthy", "degraded", "unhealthy", "draining")
WILLING = frozenset({"healthy", "degraded"})
"""Who may be given work."""

MOST_CAPABILITIES, LONGEST_CAPABILITY = 50, 80
TTL_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Card:
    """One agent. `load` counts the work that it has in hand, out of `capacity`."""

    name: str
    capabilities: tuple[str, ...] = ()
    load: int = 0
    capacity: int = 1
    health: Health = "healthy"
    detail: str = ""

    @property
    def is_free(self) -> bool:
        return self.health in WILLING and self.load < self.capacity

    def can(self, capabilities: Iterable[str]) -> bool:
        return set(capabilities) <= set(self.capabilities)


def check_card(card: Card) -> Card:
    """Raises BadMessage for what cannot be announced."""
    check_name(card.name)
    too_many = len(card.capabilities) > MOST_CAPABILITIES
    if too_many or any(not 0 < len(each) <= LONGEST_CAPABILITY for each in card.capabilities):
        raise BadMessage(f"At most {MOST_CAPABILITIES} capabilities of at most {LONGEST_CAPABILITY} characters.")
    if card.capacity < 1 or card.load < 0 or card.health not in HEALTHS:
        raise BadMessage("A capacity is at least 1, a load at least 0, and health one of " + ", ".join(HEALTHS) + ".")
    return replace(card, capabilities=tuple(sorted(set(card.capabilities))), detail=card.detail[:200])


def least_busy(cards: Iterable[Card], capabilities: Sequence[str]) -> Card | None:
    """Who can do it and has most room: healthy before degraded, then the smallest share of capacity in use, then by name."""
    able = (card for card in cards if card.is_free and card.can(capabilities))
    return min(able, key=lambda card: (card.health != "healthy", card.load / card.capacity, card.name), default=None)


class Registry(ABC):
    """Agents of one scope. Every change of health is told on `agent.health` where there is a bus."""

    def __init__(self, bus: Bus | None = None) -> None:
        self._bus = bus

    @abstractmethod
    async def announce(self, card: Card, *, ttl: float = TTL_SECONDS) -> None:
        """Enter or replace an agent; without a heartbeat it is gone after `ttl` seconds. Raises BadMessage."""

    @abstractmethod
    async def heartbeat(self, name: str, *, health: Health | None = None, detail: str = "") -> bool:
        """Stay, and say how one is; False when the agent has been forgotten and must announce itself again."""

    @abstractmethod
    async def withdraw(self, name: str) -> None:
        """Leave."""

    @abstractmethod
    async def agents(self) -> list[Card]:
        """Everybody who is there, by name."""

    @abstractmethod
    async def borrow(self, *capabilities: str) -> Card | None:
        """The least busy agent that can do all this, with its load raised by one in the same step; None when nobody is free."""

    @abstractmethod
    async def give_back(self, name: str) -> None:
        """The work is done: lower the load by one."""

    async def find(self, *capabilities: str, willing: bool = True) -> list[Card]:
        """Who can do all this; with `willing` only those who are well enough to be given work."""
        cards = await self.agents()
        return [card for card in cards if card.can(capabilities) and (card.health in WILLING or not willing)]

    async def tell(self, name: str, health: str, detail: str = "") -> None:
        if self._bus is not None:
            await self._bus.publish(HEALTH, {"agent": name, "health": health, "detail": detail}, sender=HOST)
