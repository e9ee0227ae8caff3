from __future__ import annotations

import json
import math
import random

import pytest

from simulations.engine.mechanisms import DoubleAuction, OrderRefused, Trade


def test_orders_that_cross_trade_at_the_price_of_the_first() -> None:
    book = DoubleAuction(low=0, high=200)
    assert (book.bid, book.ask, book.price) == (0, 200, 0)
    assert book.order(1, "sell", 90) is None
    assert book.order(2, "sell", 80) is None
    assert book.order(3, "buy", 70) is None
    assert (book.bid, book.ask) == (70, 80)
    assert book.order(4, "buy", 95) == Trade(buyer=4, seller=2, price=80)
    assert (book.price, book.volume, book.ask) == (80, 1, 90)
    assert book.order(5, "sell", 10) == Trade(buyer=3, seller=5, price=70)
    book.open_step()
    assert (book.volume, book.trades, book.bid) == (0, 2, 0)


def test_of_equal_prices_the_older_order_is_met_first() -> None:
    book = DoubleAuction(high=10)
    for row in (7, 3):
        book.order(row, "buy", 5)
    assert book.order(1, "sell", 5) == Trade(buyer=7, seller=1, price=5)


def test_a_trader_has_one_order_and_never_meets_itself() -> None:
    book = DoubleAuction(high=10)
    book.order(1, "sell", 4)
    assert book.order(1, "buy", 6) is None
    assert (book.bid, book.ask) == (6, 10)
    assert (book.withdraw(1), book.withdraw(1), book.bid) == (True, False, 0)


@pytest.mark.parametrize("price", [-1, 201, math.nan, math.inf])
def test_an_order_outside_the_limits_is_refused_and_changes_nothing(price: float) -> None:
    book = DoubleAuction(high=200)
    book.order(1, "sell", 9)
    with pytest.raises(OrderRefused, match="between 0 and 200"):
        book.order(1, "sell", price)
    assert book.ask == 9


def test_a_restored_book_goes_on_as_the_first() -> None:
    def play(book: DoubleAuction, rolls: random.Random, rounds: int) -> list[Trade | None]:
        orders = ((rolls.randrange(20), rolls.choice(("buy", "sell")), rolls.randrange(100)) for _ in range(rounds))
        return [book.order(row, "buy" if side == "buy" else "sell", price) for row, side, price in orders]

    book, again = DoubleAuction(high=100), DoubleAuction(high=100)
    play(book, random.Random(1), 200)
    again.restore(json.loads(json.dumps(book.snapshot())))
    assert again.snapshot() == book.snapshot()
    assert play(again, random.Random(2), 200) == play(book, random.Random(2), 200)
    assert again.snapshot() == book.snapshot()


def test_zero_intelligence_traders_reach_almost_all_the_surplus() -> None:
    """Gode & Sunder 1993: budget-constrained random traders allocate with an efficiency close to 100 %."""

    def efficiency(seed: int) -> float:
        rolls = random.Random(seed)
        values = [rolls.uniform(0, 200) for _ in range(50)]
        costs = [rolls.uniform(0, 200) for _ in range(50)]
        best = sum(max(0.0, v - c) for v, c in zip(sorted(values, reverse=True), sorted(costs), strict=True))
        book, gained, done = DoubleAuction(high=200), 0.0, set[int]()
        for _ in range(6000):
            row = rolls.randrange(100)
            if row in done:
                continue
            trade = (
                book.order(row, "buy", rolls.uniform(0, values[row]))
                if row < 50
                else book.order(row, "sell", rolls.uniform(costs[row - 50], 200))
            )
            if trade:
                done |= {trade.buyer, trade.seller}
                gained += values[trade.buyer] - costs[trade.seller - 50]
        return gained / best

    assert sum(efficiency(seed) for seed in range(5)) / 5 > 0.95
