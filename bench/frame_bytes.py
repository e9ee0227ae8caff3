"""A step of a town of 50 by 50 as a viewer gets it, in which 150 residents moved, against the same picture as JSON.

Mesa's own pages send a picture of the whole town with every step, as PNG or as JSON of all agents; the JSON stands here for
both, because it needs no drawing library and is the smaller of the two on the wire (a PNG of that town has 280 kB).
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from simulations.engine.frames import Camera, Shown
from simulations.engine.state import Column, Delta, UnifiedStateManager

NAMES = ("frame_bytes_per_150_changes",)
_SIDE, _RESIDENTS, _MOVES, _ROUNDS = 50, 2000, 150, 40


def measure() -> dict[str, Any]:
    """Bytes of the frame (median of 40 steps); CPU of both in the note."""
    state, camera = _town()
    ours: list[int] = []
    seconds: list[float] = []
    theirs: list[int] = []
    baseline_seconds: list[float] = []
    for step in range(1, _ROUNDS + 1):
        delta = _moves(state, step)
        size, took = _timed(partial(_as_frame, camera, state, delta, step))
        ours.append(size)
        seconds.append(took)
        size, took = _timed(partial(_whole_as_json, state))
        theirs.append(size)
        baseline_seconds.append(took)
    value, baseline = statistics.median(ours), statistics.median(theirs)
    mine, plain = 1000 * statistics.median(seconds), 1000 * statistics.median(baseline_seconds)
    return {
        "name": "frame_bytes_per_150_changes",
        "value": value,
        "unit": "bytes",
        "baseline": baseline,
        "ratio": round(value / baseline, 4),
        "better": "lower",
        "note": f"{_RESIDENTS} agents, {_MOVES} moved; {mine:.2f} ms CPU against {plain:.2f}; baseline: all agents as JSON",
    }


def _town() -> tuple[UnifiedStateManager, Camera]:
    state = UnifiedStateManager(_RESIDENTS, [Column("place", "<i4"), Column("group", "u1"), Column("happy", "?")])
    state.write("place", np.random.default_rng(1).permutation(_SIDE * _SIDE)[:_RESIDENTS])
    state.write("group", np.arange(_RESIDENTS) % 2)
    state.commit()
    return state, Camera([Shown("place", "i2"), Shown("group", "u1"), Shown("happy", "u1")], rows=_RESIDENTS)


def _as_frame(camera: Camera, state: UnifiedStateManager, delta: Delta, step: int) -> bytes:
    return camera.frame(1000 + step, state, delta).payload


def _moves(state: UnifiedStateManager, step: int) -> Delta:
    chance = np.random.default_rng(step)
    rows = chance.choice(_RESIDENTS, _MOVES, replace=False)
    state.write_rows("place", rows, chance.integers(0, _SIDE * _SIDE, _MOVES))
    happy = chance.choice(rows, _MOVES // 2, replace=False)
    state.write_rows("happy", happy, ~state["happy"][happy])
    return state.commit()


def _whole_as_json(state: UnifiedStateManager) -> bytes:
    places, groups, happy = (state[name].tolist() for name in ("place", "group", "happy"))
    agents = [
        {"x": place % _SIDE, "y": place // _SIDE, "group": group, "happy": content}
        for place, group, content in zip(places, groups, happy, strict=True)
    ]
    return json.dumps(agents).encode()


def _timed(act: Callable[[], bytes]) -> tuple[int, float]:
    start = time.process_time()
    made = act()
    return len(made), time.process_time() - start


if __name__ == "__main__":
    print(measure())
