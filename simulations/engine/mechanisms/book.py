"""A continuous double auction: the market institution of Gode & Sunder, J. Political Economy 101 (1993) 119.

Buyers and sellers call out prices for one unit at any time. Two orders that cross make a trade at once, at the price of the
one that was there first.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from simulations.engine.errors import SimulationError

Side = Literal["buy", "sell"]
Entry = tuple[float, int, int]


class OrderRefused(SimulationError):
    """An order that the market does not take."""


@dataclass(frozen=True, slots=True)
class Trade:
    """One unit went from the row `seller` to the row `buyer` at `price`."""

    buyer: int
    seller: int
    price: float


class DoubleAuction:
    """The book of one good. A trader has at most one open order, which its next replaces; nobody trades with itself.

    Better prices come first, then older orders. `price` is that of the last trade (0 before the first), `volume` how many
    there were since `open_step`, `trades` ever.
    """

    def __init__(self, *, low: float = 0.0, high: float = math.inf) -> None:
        self.low, self.high = low, high
        self.price = 0.0
        self.volume = 0
        self.trades = 0
        self._arrivals = 0
        self._bids: list[Entry] = []
        self._asks: list[Entry] = []
        self._open: dict[int, tuple[Side, Entry]] = {}

    @property
    def bid(self) -> float:
        """The best open price to buy; `low` if there is none."""
        return -self._bids[0][0] if self._bids else self.low

    @property
    def ask(self) -> float:
        """The best open price to sell; `high` if there is none."""
        return self._asks[0][0] if self._asks else self.high

    def open_step(self) -> None:
        """Count the trades anew; orders stay."""
        self.volume = 0

    def order(self, row: int, side: Side, price: float) -> Trade | None:
        """Ask for, or offer, one unit at `price` or better. Raises OrderRefused outside `low` … `high`, and NaN."""
        if not self.low <= price <= self.high or math.isinf(price):
            raise OrderRefused(f"A price must be between {self.low:g} and {self.high:g}; it is {price:g}.")
        self.withdraw(row)
        against = self._asks if side == "buy" else self._bids
        signed = -price if side == "buy" else price
        if against and against[0][0] <= -signed:
            return self._strike(row, side, against[0])
        self._arrivals += 1
        entry = (signed, self._arrivals, row)
        insort(self._bids if side == "buy" else self._asks, entry)
        self._open[row] = (side, entry)
        return None

    def withdraw(self, row: int) -> bool:
        """Take a trader's open order out of the book; False if there is none."""
        known = self._open.pop(row, None)
        if known is None:
            return False
        side, entry = known
        (self._bids if side == "buy" else self._asks).remove(entry)
        return True

    def snapshot(self) -> dict[str, Any]:
        """All of it, as plain numbers."""
        return {
            "price": self.price,
            "volume": self.volume,
            "trades": self.trades,
            "arrivals": self._arrivals,
            "bids": [[-signed, arrival, row] for signed, arrival, row in self._bids],
            "asks": [list(entry) for entry in self._asks],
        }

    def restore(self, content: Mapping[str, Any]) -> None:
        """In place: whoever holds the book sees it."""
        self.price = float(content["price"])
        self.volume, self.trades = int(content["volume"]), int(content["trades"])
        self._arrivals = int(content["arrivals"])
        self._bids = sorted((-float(price), int(arrival), int(row)) for price, arrival, row in content["bids"])
        self._asks = sorted((float(price), int(arrival), int(row)) for price, arrival, row in content["asks"])
        self._open = {entry[2]: ("buy", entry) for entry in self._bids}
        self._open |= {entry[2]: ("sell", entry) for entry in self._asks}

    def _strike(self, row: int, side: Side, entry: Entry) -> Trade:
        other = entry[2]
        self.withdraw(other)
        self.price = entry[0] if side == "buy" else -entry[0]
        self.volume += 1
        self.trades += 1
        return Trade(row, other, self.price) if side == "buy" else Trade(other, row, self.price)
