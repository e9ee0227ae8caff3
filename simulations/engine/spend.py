"""What a play may cost, and what it has cost: reserved before a call, settled after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from simulations.engine.decisions import ZERO, AfterCap


@dataclass(frozen=True, slots=True)
class Bill:
    """Calls, tokens (prompt and answer together) and US dollars."""

    calls: int = 0
    tokens: int = 0
    usd: Decimal = ZERO

    def __add__(self, other: Bill) -> Bill:
        return Bill(self.calls + other.calls, self.tokens + other.tokens, self.usd + other.usd)

    def __sub__(self, other: Bill) -> Bill:
        return Bill(self.calls - other.calls, self.tokens - other.tokens, self.usd - other.usd)


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that may be spent; None where there is no limit."""

    calls: int | None = None
    tokens: int | None = None
    usd: Decimal | None = None

    def admits(self, bill: Bill) -> bool:
        limits = ((self.calls, bill.calls), (self.tokens, bill.tokens), (self.usd, bill.usd))
        return all(limit is None or spent <= limit for limit, spent in limits)


class Spend:
    """The books of one play.

    A call is reserved at what the dearest call so far has cost (and at the tokens that its question is sure to take).
    What is spent therefore never exceeds the cap by more than the calls in flight, each at its worst.
    """

    def __init__(self, cap: Cap | None = None, after_cap: AfterCap = "rules") -> None:
        self.cap = cap or Cap()
        self.after_cap = after_cap
        self.spent = Bill()
        self.reserved = Bill()
        self._dearest = Bill(calls=1)

    @property
    def exhausted(self) -> bool:
        """Whether not even one more call of the kind seen so far would be let through."""
        return not self.cap.admits(self.spent + self._dearest)

    def reserve(self, tokens: int = 0) -> Bill | None:
        """Set aside what one call may cost, at least `tokens`; None if that does not fit under the cap any more."""
        wanted = Bill(1, max(tokens, self._dearest.tokens), self._dearest.usd)
        if not self.cap.admits(self.spent + self.reserved + wanted):
            return None
        self.reserved += wanted
        return wanted

    def settle(self, reserved: Bill, paid: Bill) -> None:
        """Enter what a reserved call has really cost; a call that was never made has cost `Bill()`."""
        self.reserved -= reserved
        self.spent += paid
        if paid.calls:
            each = Bill(1, -(-paid.tokens // paid.calls), paid.usd / paid.calls)
            self._dearest = Bill(1, max(self._dearest.tokens, each.tokens), max(self._dearest.usd, each.usd))

    def resume(self, spent: Bill) -> None:
        """Go on from books that were kept elsewhere, if they know of more than these."""
        self.spent = Bill(
            max(self.spent.calls, spent.calls), max(self.spent.tokens, spent.tokens), max(self.spent.usd, spent.usd)
        )

    def snapshot(self) -> dict[str, Any]:
        return {"spent": _plain(self.spent), "dearest": _plain(self._dearest)}

    def restore(self, kept: Mapping[str, Any]) -> None:
        self.spent, self._dearest = _bill(kept["spent"]), _bill(kept["dearest"])
        self.reserved = Bill()


def _plain(bill: Bill) -> list[Any]:
    return [bill.calls, bill.tokens, str(bill.usd)]


def _bill(plain: list[Any]) -> Bill:
    return Bill(int(plain[0]), int(plain[1]), Decimal(plain[2]))
