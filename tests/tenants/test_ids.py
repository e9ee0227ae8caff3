"""Identifiers in the order in which they were made: rows of one commit have the same time, and are listed by them."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from tenants.ids import Ticks, uuid7

NOON = 1_795_348_800_000_000_000  # 2026-11-22, in nanoseconds
TICK = 4_096  # in a millisecond


def test_it_says_when_it_was_made_and_is_what_the_standard_says() -> None:
    made = [uuid7() for _ in range(100)]
    assert {(each.version, each.variant) for each in made} == {(7, uuid.RFC_4122)}
    assert (made[0].int >> 80) * 1_000_000 <= time.time_ns()


def test_those_of_one_process_are_in_order_and_none_is_made_twice() -> None:
    with ThreadPoolExecutor(4) as threads:
        of_threads = list(threads.map(lambda _: [uuid7() for _ in range(2_000)], range(4)))
    assert all(made == sorted(made) for made in of_threads)
    assert len({each for made in of_threads for each in made}) == 8_000


def test_a_clock_that_stands_still_or_is_put_back_changes_no_order() -> None:
    ticks = Ticks()
    noon = NOON // 1_000_000 * TICK
    assert [ticks.at(NOON + 500_000), ticks.at(NOON + 500_000)] == [noon + TICK // 2, noon + TICK // 2 + 1]
    assert ticks.at(NOON - 60 * 10**9) == noon + TICK // 2 + 2
    assert ticks.at(NOON + 2_000_000) == noon + 2 * TICK
