"""A simulation as a JSON document, from which a fresh process goes on. Never pickle: a checkpoint is only data."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any

import numpy as np

from simulations.engine.errors import CheckpointRefused
from simulations.engine.state import UnifiedStateManager, Values

FORMAT = "guildhall.checkpoint/1"
Checkpoint = dict[str, Any]


def pack_state(state: UnifiedStateManager) -> dict[str, Any]:
    return {
        "rows": state.rows,
        "columns": {column.name: _pack(state[column.name]) for column in state.columns},
        "versions": _pack(state.versions),
    }


def unpack_state(packed: Mapping[str, Any], state: UnifiedStateManager) -> None:
    """Fill `state`; refuses another number of agents, another set of columns, damaged data."""
    try:
        columns = {column.name: _unpack(packed["columns"][column.name], state.rows) for column in state.columns}
        state.load(columns, _unpack(packed["versions"], state.rows))
    except (KeyError, TypeError, ValueError, Base64Error, zlib.error) as fault:
        raise CheckpointRefused("The checkpoint is damaged: its columns cannot be read.") from fault


def _pack(values: Values) -> dict[str, str]:
    little = values.astype(values.dtype.newbyteorder("<"))
    return {"type": little.dtype.str, "data": b64encode(zlib.compress(little.tobytes(), 1)).decode("ascii")}


def _unpack(packed: Mapping[str, str], rows: int) -> Values:
    dtype = np.dtype(packed["type"])
    if dtype.kind not in "biuf":
        raise ValueError(f"columns hold numbers, not {dtype}")
    size = rows * dtype.itemsize
    raw = zlib.decompressobj().decompress(b64decode(packed["data"], validate=True), size + 1)
    if len(raw) != size:
        raise ValueError(f"expected {size} bytes, got {len(raw)}")
    return np.frombuffer(raw, dtype)
