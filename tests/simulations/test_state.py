from __future__ import annotations

import numpy as np
import pytest

from simulations.engine.state import Column, UnifiedStateManager

COLUMNS = [Column("cell", "<i4"), Column("mood", "<f8"), Column("happy", "?")]


@pytest.fixture
def state() -> UnifiedStateManager:
    return UnifiedStateManager(5, COLUMNS)


def test_a_commit_says_what_changed_and_only_that(state: UnifiedStateManager) -> None:
    state.put("cell", 3, 40)
    state.put("cell", 1, 0)  # is 0 already
    state.write("happy", np.array([False, True, False, False, True]))
    delta = state.commit()
    assert set(delta) == {"cell", "happy"}
    assert (delta["cell"].rows.tolist(), delta["cell"].values.tolist()) == ([3], [40])
    assert delta["happy"].rows.tolist() == [1, 4]
    assert state.versions.tolist() == [0, 1, 0, 1, 1]
    assert state.commit() == {}


def test_the_incremental_digest_equals_the_full_one(state: UnifiedStateManager) -> None:
    for row, value in ((0, 5), (4, 9), (0, 6)):
        state.put("cell", row, value)
        state.put("mood", row, value / 3)
        state.commit()
    step_by_step = state.digest(3)
    state.commit_all()
    assert state.digest(3) == step_by_step


def test_the_digest_tells_rows_columns_values_and_steps_apart() -> None:
    digests = set()
    for column, row, value in (("cell", 0, 1), ("cell", 1, 1), ("cell", 0, 2), ("mood", 0, 1), ("happy", 0, 1)):
        state = UnifiedStateManager(5, COLUMNS)
        state.put(column, row, value)
        state.commit()
        digests |= {state.digest(1), state.digest(2)}
    assert len(digests) == 10


def test_a_value_changed_back_gives_the_digest_back(state: UnifiedStateManager) -> None:
    before = state.digest(0)
    state.put("cell", 2, 8)
    state.commit()
    assert state.digest(0) != before
    state.put("cell", 2, 0)
    state.commit()
    assert state.digest(0) == before


def test_columns_cannot_be_written_behind_its_back(state: UnifiedStateManager) -> None:
    with pytest.raises(ValueError, match="read-only"):
        state["cell"][0] = 3
