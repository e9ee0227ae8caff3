from __future__ import annotations

import numpy as np
import pytest

from simulations.engine.mechanisms import ration, resolve, take

TARGETS = np.asarray([4, 2, 4, 4, 2])
DRAWS = np.asarray([0.1, 0.9, 0.7, 0.7, 0.2])
BIDS = np.asarray([5.0, 1.0, 5.0, 2.0, 8.0])


def test_the_highest_draw_has_the_place() -> None:
    assert resolve("priority", TARGETS, DRAWS).tolist() == [False, True, True, False, False]


def test_the_highest_bid_has_it_and_of_equals_the_higher_draw() -> None:
    assert resolve("auction", TARGETS, DRAWS, bids=BIDS).tolist() == [False, False, True, False, True]
    with pytest.raises(ValueError, match="needs bids"):
        resolve("auction", TARGETS, DRAWS)


def test_a_place_may_have_room_for_more() -> None:
    room = np.asarray([0, 0, 0, 0, 2])
    assert resolve("priority", TARGETS, DRAWS, room=room).tolist() == [False, False, True, True, False]
    assert resolve("priority", TARGETS[:0], DRAWS[:0]).tolist() == []


def test_shares_are_in_proportion_and_whole_where_the_wishes_are() -> None:
    assert ration(np.asarray([10.0, 30.0, -5.0]), 20).tolist() == [5.0, 15.0, 0.0]
    assert ration(np.asarray([10, 30, 20]), 7, draws=np.zeros(3)).tolist() == [1, 4, 2]
    assert ration(np.asarray([3, 3]), 3, draws=np.asarray([0.2, 0.8])).tolist() == [1, 2]
    assert ration(np.asarray([3, 4]), 7).tolist() == [3, 4]
    assert ration(np.asarray([3, 4]), -1).tolist() == [0, 0]


def test_a_pool_is_emptied_in_order() -> None:
    wanted, draws = np.asarray([4.0, 4.0, 4.0]), np.asarray([0.2, 0.9, 0.5])
    assert take("priority", wanted, 6, draws).tolist() == [0.0, 4.0, 2.0]
    assert take("auction", wanted, 6, draws, bids=np.asarray([9.0, 1.0, 2.0])).tolist() == [4.0, 0.0, 2.0]
    assert take("auction", np.asarray([1, 5, 3]), 6.5, draws).tolist() == [0, 5, 1]
    assert take("ration", wanted, 6, draws).tolist() == [2.0, 2.0, 2.0]
