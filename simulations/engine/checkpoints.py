"""A play as bytes, from which a fresh process goes on. JSON and plain numbers, deflated; never pickle.

Layout: `GHS2`, the length of the content (u64), then the content deflated: the length of a JSON header (u32), the header,
and the columns one after the other as the header describes them. All numbers are little-endian.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from simulations.engine.errors import CheckpointRefused
from simulations.engine.spec import ScenarioSpec
from simulations.engine.state import UnifiedStateManager, Values

MAGIC = b"GHS2"
MOST_BYTES = 2 << 30
_FACTS = (
    "scenario", "seed", "policy", "began", "parameters", "step", "digest", "metrics", "finished", "seats", "acts",
    "memories", "spend", "texts", "parts",
)  # fmt: skip
_OUTER = struct.Struct("<4sQ")
_HEADER = struct.Struct("<I")
_DAMAGED = "The checkpoint is damaged: its content cannot be read."
_NO_CHECKPOINT = "This is not a checkpoint of a play, or one of another form."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`facts` are what `orjson` can write; `columns` by their names, as the state keeps them."""

    facts: Mapping[str, Any]
    columns: Mapping[str, Values]

    def pack(self) -> bytes:
        """As bytes."""
        described, blobs = [], []
        for name, values in self.columns.items():
            little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
            described.append([name, little.dtype.str, list(little.shape)])
            blobs.append(little.tobytes())
        header = orjson.dumps({"facts": self.facts, "columns": described}, option=orjson.OPT_NON_STR_KEYS)
        content = b"".join([_HEADER.pack(len(header)), header, *blobs])
        return _OUTER.pack(MAGIC, len(content)) + zlib.compress(content, 1)

    @classmethod
    def unpack(cls, data: bytes) -> Checkpoint:
        """Raises CheckpointRefused for what is no checkpoint, is damaged, or would be too large."""
        try:
            return cls._read(_inflated(data))
        except (ValueError, KeyError, TypeError, IndexError, struct.error, zlib.error) as fault:
            raise CheckpointRefused(_DAMAGED) from fault

    @classmethod
    def _read(cls, content: bytes) -> Checkpoint:
        (length,) = _HEADER.unpack_from(content)
        header = orjson.loads(content[_HEADER.size : _HEADER.size + length])
        columns, at = {}, _HEADER.size + length
        for name, dtype, shape in header["columns"]:
            kind = np.dtype(dtype)
            if kind.kind not in "biuf" or any(not isinstance(side, int) or side < 0 for side in shape):
                raise ValueError(f"columns hold numbers, not {dtype}")
            count = int(np.prod(shape, dtype=object))
            columns[name] = np.frombuffer(content, kind, count, at).reshape(shape)
            at += count * kind.itemsize
        if at != len(content):
            raise ValueError("there is more than the header says")
        return cls(header["facts"], columns)


def _inflated(data: bytes) -> bytes:
    if len(data) < _OUTER.size or data[:4] != MAGIC:
        raise CheckpointRefused(_NO_CHECKPOINT)
    _, size = _OUTER.unpack_from(data)
    if size > MOST_BYTES:
        raise CheckpointRefused(f"A checkpoint holds at most {MOST_BYTES >> 20} MiB; this one says {size >> 20}.")
    content = zlib.decompressobj().decompress(memoryview(data)[_OUTER.size :], size + 1)
    if len(content) != size:
        raise ValueError(f"expected {size} bytes, got {len(content)}")
    return content


def state_columns(state: UnifiedStateManager) -> dict[str, Values]:
    """What of the state is numbers: columns, versions, kept values."""
    columns, past = state.numbers()
    found = {f"column {name}": values for name, values in columns.items()}
    found |= {f"past {name}": values for name, values in past.items()}
    return {**found, "versions": state.versions}


def state_facts(state: UnifiedStateManager) -> dict[str, Any]:
    """The rest of it: texts and parts."""
    texts, parts = state.words()
    return {"texts": texts, "parts": {name: orjson.Fragment(packed) for name, packed in parts.items()}}


def load_state(state: UnifiedStateManager, checkpoint: Checkpoint) -> None:
    """Fill a state with that of a checkpoint; refuses other columns, other shapes, damaged parts."""
    columns, facts = checkpoint.columns, checkpoint.facts
    try:
        state.load(
            _named("column ", columns),
            columns["versions"],
            texts=facts["texts"],
            past=_named("past ", columns),
            parts=facts["parts"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise CheckpointRefused(_DAMAGED) from fault


def _named(prefix: str, columns: Mapping[str, Values]) -> dict[str, Values]:
    return {name.removeprefix(prefix): values for name, values in columns.items() if name.startswith(prefix)}


def check_origin(facts: Mapping[str, Any], spec: ScenarioSpec) -> None:
    """Raises CheckpointRefused for the facts of another scenario, or where some are missing."""
    if missing := [name for name in _FACTS if name not in facts]:
        raise CheckpointRefused(f"The checkpoint is damaged: it lacks {', '.join(missing)}.")
    key, version, digest = facts["scenario"]
    if digest != spec.digest:
        raise CheckpointRefused(f"The checkpoint is of {key} {version} ({digest}), not of {spec.key} {spec.version}.")
