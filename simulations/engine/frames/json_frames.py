"""Frames as JSON, until the engine hands out binary ones (`camera`): everything (keyframe) or what changed (delta).

Columns travel as little-endian numbers in base64. A delta names, for each column, the rows that changed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from simulations.engine.state import Delta, UnifiedStateManager, Values

FrameKind = Literal["keyframe", "delta"]
Payload = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Frame:
    """`payload` is JSON-able: column → {type, values[, rows]}; `rows` are u2, or u4 above 65,536 agents."""

    step: int
    kind: FrameKind
    payload: Payload


def keyframe(step: int, state: UnifiedStateManager, columns: Sequence[str]) -> Frame:
    return Frame(step, "keyframe", {name: _packed(state[name]) for name in columns})


def delta_frame(step: int, state: UnifiedStateManager, delta: Delta, columns: Sequence[str]) -> Frame:
    rows_type = _rows_type(state.rows)
    payload = {
        name: _packed(delta[name].values) | {"rows": _text(delta[name].rows.astype(rows_type))}
        for name in columns
        if name in delta
    }
    return Frame(step, "delta", payload)


def apply_frame(picture: dict[str, Values], frame: Frame) -> None:
    """Bring a viewer's columns from the step before to this one (what the page does in the browser)."""
    for name, packed in frame.payload.items():
        values = np.frombuffer(b64decode(packed["values"]), "<" + packed["type"])
        if frame.kind == "keyframe":
            picture[name] = values.copy()
        else:
            rows_type = _rows_type(len(picture[name]))
            picture[name][np.frombuffer(b64decode(packed["rows"]), rows_type)] = values


def _rows_type(rows: int) -> str:
    return "<u2" if rows <= 1 << 16 else "<u4"


def _packed(values: Values) -> dict[str, str]:
    wire = values.astype(_wire_type(values.dtype))
    return {"type": wire.dtype.str[1:], "values": _text(wire)}


def _wire_type(dtype: np.dtype[Any]) -> str:
    """The declared type, so that a viewer's columns never change theirs; yes/no as a byte, reals in four."""
    if dtype.kind == "b":
        return "u1"
    return "<f4" if dtype.kind == "f" else dtype.newbyteorder("<").str


def _text(values: Values) -> str:
    return b64encode(values.tobytes()).decode("ascii")
