"""What a play may cost: never more than its cap and the calls in flight."""

from __future__ import annotations

from decimal import Decimal

from simulations.engine.spend import Bill, Cap, Spend


def test_calls_are_counted_before_they_are_made() -> None:
    spend = Spend(Cap(calls=2))
    held = [spend.reserve() or Bill(), spend.reserve() or Bill()]
    assert [bill.calls for bill in held] == [1, 1]
    assert spend.reserve() is None
    spend.settle(held[0], Bill())
    assert spend.reserve() == Bill(1), "a call that was never made frees its place"


def test_a_call_is_reserved_at_the_dearest_price_so_far() -> None:
    spend = Spend(Cap(usd=Decimal("1.00")))
    held = spend.reserve()
    assert held is not None
    spend.settle(held, Bill(1, 100, Decimal("0.40")))
    assert spend.reserve() == Bill(1, 100, Decimal("0.40"))
    assert spend.reserve() is None, "0.40 spent, 0.40 reserved, 0.40 more would pass 1.00"
    spend.settle(Bill(1, 100, Decimal("0.40")), Bill(1, 100, Decimal("0.40")))
    assert spend.exhausted
    assert spend.spent == Bill(2, 200, Decimal("0.80"))


def test_tokens_that_the_question_is_sure_to_take_count_before_any_price_is_known() -> None:
    spend = Spend(Cap(tokens=1000))
    assert spend.reserve(tokens=600) is not None
    assert spend.reserve(tokens=600) is None


def test_the_overrun_is_at_most_what_was_in_flight() -> None:
    spend = Spend(Cap(usd=Decimal(1)))
    in_flight = [spend.reserve() for _ in range(50)]
    for held in in_flight:
        assert held is not None
        spend.settle(held, Bill(1, 10, Decimal("0.10")))
    assert spend.spent.usd <= Decimal(1) + 50 * Decimal("0.10")
    assert spend.reserve() is None


def test_books_go_on_after_a_checkpoint_and_know_the_better_of_two() -> None:
    spend = Spend(Cap(calls=10))
    spend.settle(spend.reserve() or Bill(), Bill(1, 40, Decimal("0.2")))
    again = Spend(Cap(calls=10))
    again.restore(spend.snapshot())
    assert (again.spent, again.reserve()) == (Bill(1, 40, Decimal("0.2")), Bill(1, 40, Decimal("0.2")))
    again.resume(Bill(3, 20, Decimal("0.3")))
    assert again.spent == Bill(3, 40, Decimal("0.3"))
