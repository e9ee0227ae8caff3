"""Who gets what only some can have: one place, a pool that is too small, the other side of a trade. All deterministic."""

from simulations.engine.mechanisms.book import DoubleAuction, OrderRefused, Side, Trade
from simulations.engine.mechanisms.claims import Kind, ration, resolve
from simulations.engine.mechanisms.pools import take

__all__ = ["DoubleAuction", "Kind", "OrderRefused", "Side", "Trade", "ration", "resolve", "take"]
