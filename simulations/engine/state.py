"""The state of all agents: numpy columns that know what changed, and a digest that costs only what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.engine.randomness import Ints, Words, mix_words

Values = NDArray[Any]
_LANES = (0x243F6A8885A308D3, 0x13198A2E03707344)


@dataclass(frozen=True, slots=True)
class Column:
    """One declared property of an agent; `dtype` as numpy names it, little-endian (`u1`, `i4`, `f8`, `b1`)."""

    name: str
    dtype: str


@dataclass(frozen=True, slots=True)
class Change:
    """The agents whose value in one column was written since the last commit, and their values now."""

    rows: Ints
    values: Values


Delta = Mapping[str, Change]


class UnifiedStateManager:
    """The only place where agents' state lives. Rows are agents 0…n-1 and never move.

    The digest is a sum of row hashes modulo 2^64 in two lanes, so that a step pays for its changed rows only. It
    tells runs apart by accident, not against an adversary.
    """

    def __init__(self, rows: int, columns: Sequence[Column]) -> None:
        self.rows = rows
        self.columns = tuple(columns)
        self.versions = np.zeros(rows, np.uint32)
        self._values = {column.name: np.zeros(rows, column.dtype) for column in columns}
        self._views = {name: _read_only(values) for name, values in self._values.items()}
        self._dirty = {column.name: np.zeros(rows, np.bool_) for column in columns}
        self._hashes = np.zeros((len(_LANES), rows), np.uint64)
        self.commit_all()

    def __getitem__(self, name: str) -> Values:
        """A live, read-only view of one column."""
        return self._views[name]

    def put(self, name: str, row: int, value: float) -> None:
        """Write one value; nothing is marked if it was that already."""
        values = self._values[name]
        if values[row] != value:
            values[row] = value
            self._dirty[name][row] = True

    def write(self, name: str, values: Values) -> None:
        """Write a whole column; only the rows that differ are marked."""
        changed = self._values[name] != values
        self._values[name][changed] = values[changed]
        self._dirty[name] |= changed

    def commit(self) -> Delta:
        """End a step: bump the versions of the marked rows, bring the digest up to date, say what changed."""
        marked = np.zeros(self.rows, np.bool_)
        delta: dict[str, Change] = {}
        for name, dirty in self._dirty.items():
            marked |= dirty
            rows = np.flatnonzero(dirty)
            if rows.size:
                delta[name] = Change(rows, self._values[name][rows])
            dirty[:] = False
        rows = np.flatnonzero(marked)
        self.versions[rows] += np.uint32(1)
        self._hashes[:, rows] = self._row_hashes(rows)
        return delta

    def commit_all(self) -> None:
        """Take the present values as the beginning: nothing is marked, every row is hashed."""
        for dirty in self._dirty.values():
            dirty[:] = False
        self._hashes[:] = self._row_hashes(np.arange(self.rows))

    def digest(self, step: int) -> str:
        """A name for the whole committed state at `step`: 32 hexadecimal characters."""
        lanes = self._hashes.sum(axis=1, dtype=np.uint64)
        return blake2b(b"%d:%d:%s" % (step, self.rows, lanes.tobytes()), digest_size=16).hexdigest()

    def load(self, columns: Mapping[str, Values], versions: Values) -> None:
        """Replace everything, as when a checkpoint is read; shapes must fit."""
        for name, values in columns.items():
            self._values[name][:] = values
        self.versions[:] = versions
        self.commit_all()

    def _row_hashes(self, rows: Ints) -> Words:
        lanes = []
        for lane in _LANES:
            words = mix_words(rows.astype(np.uint64) ^ np.uint64(lane))
            for column in self.columns:
                words = mix_words(words ^ _bits(self._values[column.name][rows]))
            lanes.append(words)
        return np.stack(lanes)


def _read_only(values: Values) -> Values:
    view = values.view()
    view.flags.writeable = False
    return view


def _bits(values: Values) -> Words:
    if values.dtype.kind == "f":
        return (values.astype(np.float64) + 0.0).view(np.uint64)
    return values.astype(np.int64).view(np.uint64)
