"""Further attempts of one call: what those before took is set aside beside its own room, or no other is made."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from projects.budgets.amounts import NOTHING, Amounts
from projects.budgets.purse import Purse, Reservation
from projects.budgets.spending import Settlement


class Retries:
    """Of one reservation. Once there was no room, there is none any more (`is_refused`), and the call has to ask for its own anew."""

    def __init__(self, purse: Purse, key: str, reservation: Reservation) -> None:
        self.is_refused = False
        self._purse, self._key, self._reservation = purse, key, reservation
        self._covered = NOTHING
        self._held: list[UUID] = []

    async def have_room(self, usd: Decimal, tokens: int) -> bool:
        """Whether another attempt fits beside all those before, which took so much together."""
        more = Amounts(max(usd - self._covered.usd, Decimal(0)), max(tokens - self._covered.tokens, 0))
        if self.is_refused or self._reservation.id is None or more == NOTHING:
            return not self.is_refused
        held = await self._purse.cover(self._reservation, self._key, more)
        if held is None:
            self.is_refused = True
            return False
        self._covered = Amounts(self._covered.usd + more.usd, self._covered.tokens + more.tokens)
        self._held.append(held)
        return True

    def freed(self) -> list[Settlement]:
        """For `settle`, beside the settlement of the call, which counts what all attempts took."""
        return [Settlement(held, self._reservation.accounts) for held in self._held]
