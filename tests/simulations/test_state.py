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


@pytest.fixture
def rich() -> UnifiedStateManager:
    state = UnifiedStateManager(
        3, [Column("wealth", "<f8", history=2), Column("seen", "<i4", derived=True)], texts=["note"]
    )
    state.write("wealth", np.array([1.0, 2.0, 3.0]))
    state.fill_past()
    state.commit_all()
    return state


def test_what_a_failed_step_wrote_is_taken_back(rich: UnifiedStateManager) -> None:
    before = rich.digest(0)
    rich.put("wealth", 1, 9.0)
    rich.put_text("note", 0, "written in a hurry")
    rich.put_text("note", int(rich.add_rows(2)[0]), "never was")
    rich.roll_back()
    assert (rich.rows, rich["wealth"].tolist(), rich.text("note", 0)) == (3, [1.0, 2.0, 3.0], "")
    assert rich.commit() == {}
    assert rich.digest(0) == before


def test_past_values_are_kept_as_far_as_declared_and_belong_to_the_digest(rich: UnifiedStateManager) -> None:
    for value in (4.0, 5.0, 6.0):
        rich.write("wealth", np.full(3, value))
        rich.commit()
    assert rich.past("wealth").tolist() == [[5.0] * 3, [4.0] * 3]
    step_by_step = rich.digest(3)
    rich.commit_all()
    assert rich.digest(3) == step_by_step
    rich.commit()
    assert rich.digest(3) != step_by_step


def test_newcomers_are_new_in_every_column_and_the_digest_is_the_full_one(rich: UnifiedStateManager) -> None:
    [row] = rich.add_rows(1).tolist()
    rich.put("wealth", row, 7.0)
    rich.put_text("note", row, "hello")
    delta = rich.commit()
    assert (delta["wealth"].rows.tolist(), delta["alive"].rows.tolist()) == ([3], [3])
    incremental = rich.digest(1)
    rich.commit_all()
    assert rich.digest(1) == incremental
    rich.put("alive", 1, value=False)
    rich.commit()
    assert rich.living().tolist() == [0, 2, 3]


def test_what_is_derived_is_told_to_viewers_and_to_nobody_else(rich: UnifiedStateManager) -> None:
    before = rich.digest(0)
    rich.put("seen", 2, 5)
    delta = rich.commit()
    assert (delta["seen"].rows.tolist(), rich.digest(0)) == ([2], before)
    assert "seen" not in rich.content()[0]
