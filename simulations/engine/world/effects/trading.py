"""Orders in a market."""

from __future__ import annotations

from simulations.engine.mechanisms import OrderRefused, Side
from simulations.engine.randomness import Ints
from simulations.engine.world.effects.doing import Doing
from simulations.engine.world.formulas import Formula
from simulations.engine.world.scene import Array, RowSight, Sight


class Order:
    """An order for one unit. When it meets another, cash and stock change hands at the price of the older one."""

    ordered = True

    def __init__(
        self, market: str, side: Side, price: Formula, *, cash: str | None, stock: str | None, when: Formula | None
    ) -> None:
        self.market, self.side, self.price = market, side, price
        self.cash, self.stock, self.when = cash, stock, when

    def weigh(self, sight: Sight) -> Array:
        return self.price.columns(sight)

    def do(self, doing: Doing, rows: Ints, weighed: Array) -> None:
        for row, price in zip(rows.tolist(), weighed.tolist(), strict=True):
            self.do_one(doing, row, price)

    def weigh_one(self, sight: RowSight) -> float:
        return float(self.price.one(sight))

    def do_one(self, doing: Doing, row: int, weighed: float) -> None:
        book = doing.scene.markets[self.market]
        try:
            trade = book.order(row, self.side, weighed)
        except OrderRefused:
            doing.refused += 1
            return
        doing.watch.shared(f"market.{self.market}")
        if trade is not None:
            self._settle(doing, trade.buyer, trade.seller, trade.price)

    def _settle(self, doing: Doing, buyer: int, seller: int, price: float) -> None:
        for slot, change in ((self.cash, -price), (self.stock, 1.0)):
            if slot is not None:
                cells = doing.scene.state.cells(slot)
                doing.put(slot, buyer, cells[buyer] + change)
                doing.put(slot, seller, cells[seller] - change)
