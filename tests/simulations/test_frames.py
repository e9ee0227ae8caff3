from __future__ import annotations

import json
from typing import Any

import numpy as np

from simulations.engine.frames.json_frames import apply_frame, delta_frame, keyframe
from simulations.engine.hybrid import KEYFRAME_EVERY
from simulations.engine.state import Column, UnifiedStateManager
from tests.simulations.plays import play, results


def test_a_viewer_that_applies_the_frames_sees_the_state() -> None:
    with play(threshold=0.75) as engine:
        picture: dict[str, Any] = {}
        apply_frame(picture, engine.latest.frame)
        for _ in range(KEYFRAME_EVERY + 5):
            apply_frame(picture, engine.step().frame)
            for name in ("cell", "group", "happy"):
                assert picture[name].tolist() == engine.world.state[name].tolist()


def test_a_keyframe_comes_first_and_then_every_fifty_steps() -> None:
    with play(threshold=0.75) as engine:
        frames = [result.frame for result in results(engine, 101)]
    assert [frame.step for frame in frames] == list(range(102))
    assert [frame.step for frame in frames if frame.kind == "keyframe"] == [0, 50, 100]


def test_a_delta_of_150_moves_is_smaller_than_a_kilobyte() -> None:
    state = UnifiedStateManager(2500, [Column("cell", "<u2")])
    state.write("cell", np.arange(2500))
    state.commit()
    for row in range(150):
        state.put("cell", row, 2400 - row)
    frame = delta_frame(1, state, state.commit(), ["cell"])
    assert len(json.dumps(frame.payload)) < 1000


def test_large_crowds_have_wide_row_numbers() -> None:
    state = UnifiedStateManager(70_000, [Column("cell", "<u4")])
    picture: dict[str, Any] = {}
    apply_frame(picture, keyframe(0, state, ["cell"]))
    state.put("cell", 69_999, 66_000)
    apply_frame(picture, delta_frame(1, state, state.commit(), ["cell"]))
    assert picture["cell"].tolist() == [0] * 69_999 + [66_000]
