"""Frames of version 1: what a viewer that applies them sees, and how small they are."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.engine.frames import KEYFRAME_EVERY, Camera, FrameRefused, Screen, Shown, decode, encode
from simulations.engine.state import Change, Column, UnifiedStateManager

COLUMNS = [Column("place", "<u4"), Column("group", "u1"), Column("wealth", "<f8"), Column("x", "<f8")]
SHOWN = [Shown("place", "u4"), Shown("group", "u1"), Shown("wealth", "f4"), Shown("x", "u2", 0.0, 100.0)]
ROWS = 40
_row = st.integers(0, ROWS - 1)
_writes = st.tuples(
    st.sampled_from(["place", "group", "wealth", "x"]), _row, st.floats(0, 100, width=32, allow_nan=False)
)
_link = st.tuples(_row, _row)


def state_of(rows: int = ROWS) -> UnifiedStateManager:
    return UnifiedStateManager(rows, COLUMNS)


def crowd(agents: int = 2000) -> UnifiedStateManager:
    state = UnifiedStateManager(agents, [Column("place", "<u2"), Column("group", "u1"), Column("happy", "?")])
    state.write("place", np.random.default_rng(3).permutation(2500)[:agents])
    state.write("group", np.arange(agents) % 2)
    state.commit()
    return state


def crowd_camera(agents: int = 2000) -> Camera:
    return Camera([Shown("place", "u2"), Shown("group", "u1"), Shown("happy", "u1")], rows=agents)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.lists(_writes, max_size=8), st.frozensets(_link, max_size=6)), min_size=1, max_size=6))
def test_deltas_lead_to_what_a_keyframe_shows(steps: list[tuple[list[Any], frozenset[Any]]]) -> None:
    state, links = state_of(), set[Any]()
    camera = Camera(SHOWN, rows=ROWS, links=lambda: sorted(links))
    screen, fresh = Screen(), Screen()
    screen.show(camera.keyframe(0, state).payload)
    for step, (writes, linked) in enumerate(steps, start=1):
        for name, row, value in writes:
            state.put(name, row, value if name in ("wealth", "x") else int(value))
        links.clear()
        links.update(linked)
        assert screen.show(camera.frame(step, state, state.commit()).payload)
    fresh.show(camera.keyframe(len(steps), state).payload)
    assert (screen.step, screen.links) == (fresh.step, fresh.links)
    assert {number: values.tolist() for number, values in screen.columns.items()} == {
        number: values.tolist() for number, values in fresh.columns.items()
    }
    assert np.allclose(screen.columns[3] / 65_535 * 100, state["x"], atol=100 / 65_535)


def test_every_fiftieth_frame_is_whole_and_a_delta_only_follows_its_step() -> None:
    state, screen = crowd(), Screen()
    camera = crowd_camera()
    frames = [camera.keyframe(0, state)]
    frames += [camera.frame(step, state, state.commit()) for step in range(1, KEYFRAME_EVERY + 2)]
    assert [frame.step for frame in frames if frame.kind == "keyframe"] == [0, 50]
    assert not screen.show(frames[3].payload)
    assert screen.show(frames[50].payload)
    assert screen.show(frames[51].payload)
    assert not screen.show(frames[51].payload)


def test_150_moves_are_smaller_than_a_kilobyte() -> None:
    state, camera = crowd(), crowd_camera()
    camera.keyframe(0, state)
    chance = np.random.default_rng(5)
    for row in chance.choice(2000, 150, replace=False).tolist():
        state.put("place", row, int(chance.integers(0, 2500)))
        state.put("happy", row, not state["happy"][row])
    frame = camera.frame(1, state, state.commit())
    assert len(frame.payload) <= 1000
    assert len(camera.keyframe(1, state).payload) <= 8000


def test_a_frame_of_2000_agents_takes_less_than_2_ms() -> None:
    state, camera = crowd(), crowd_camera()
    camera.keyframe(0, state)
    delta = {"place": Change(np.arange(0, 2000, 13), state["place"][::13])}
    assert _best(lambda: camera.frame(1, state, delta)) < 0.002
    assert _best(lambda: camera.keyframe(50, state)) < 0.002


def _best(act: Callable[[], object]) -> float:
    took = []
    for _ in range(20):
        start = time.process_time()
        act()
        took.append(time.process_time() - start)
    return min(took)


def test_new_agents_lengthen_the_columns() -> None:
    screen = Screen()
    camera = Camera([Shown("group", "u1")], rows=2)
    screen.show(encode("keyframe", 0, []))
    delta = {"group": Change(np.array([4, 2]), np.array([1, 2]))}
    screen.show(camera.frame(1, state_of(), delta).payload)
    assert screen.columns[0].tolist() == [0, 0, 2, 0, 1]


def test_large_crowds_are_shown_by_some_of_them() -> None:
    state, screen = state_of(200_000), Screen()
    state.write("place", np.arange(200_000))
    camera = Camera([Shown("place", "u4")], rows=200_000)
    assert camera.stride == 4
    screen.show(camera.keyframe(0, state).payload)
    assert screen.columns[0].tolist() == list(range(0, 200_000, 4))
    state.commit()
    for row in (7, 8, 199_996):
        state.put("place", row, 5)
    screen.show(camera.frame(1, state, state.commit()).payload)
    assert [row for row, place in enumerate(screen.columns[0]) if place == 5] == [2, 49_999]


def test_rows_beyond_65535_are_wide_and_unbounded_numbers_are_clipped() -> None:
    camera = Camera([Shown("x", "u2", 0.0, 1.0), Shown("group", "u1")], rows=9)
    delta = {
        "x": Change(np.array([70_000, 70_001, 70_002]), np.array([np.nan, np.inf, -3.0])),
        "group": Change(np.array([1]), np.array([900])),
    }
    scaled, group = decode(camera.frame(1, state_of(), delta).payload).parts
    assert scaled.rows is not None
    assert (scaled.rows.tolist(), scaled.values.tolist()) == ([70_000, 70_001, 70_002], [0, 65_535, 0])
    assert group.values.tolist() == [255]


@pytest.mark.parametrize("cut", [0, 5, 8, 9, 20, -1])
def test_a_damaged_frame_is_refused(cut: int) -> None:
    whole = crowd_camera().keyframe(0, crowd()).payload
    with pytest.raises(FrameRefused):
        decode(whole[:cut])


def test_what_is_not_a_frame_or_would_grow_without_end_is_refused() -> None:
    bomb = b"GF1" + bytes([0x80, 0, 0, 0, 0, 1]) + zlib.compress(bytes(65 << 20))
    for data in (b"GF2\0\0\0\0\0\0", b"GF1\0\0\0\0\0\1\0\7\0\0\0\0", b"GF1\0\0\0\0\0\0tail", bomb):
        with pytest.raises(FrameRefused):
            decode(data)
