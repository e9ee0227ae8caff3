"""Binary frames, version 1: little-endian, as small as a step's changes.

    "GF1"  kind u8  step u32  parts u8  then the parts, deflated (zlib) where that is smaller
    part:  column u8  type u8  n u32  [rows: n * u16 or u32]  values: n * type

`kind` is 0 for a keyframe, 1 for a delta; +128: the parts are deflated. `type` is 0 u8, 1 u16, 2 u32, 3 i16, 4 i32,
5 f32; +128: rows are u32. A delta's part names the rows that changed; a row beyond the end makes the column longer, what
lies between is 0. Columns 254 and 255 are links of a network that appeared and vanished: values are pairs of nodes, no
rows, also in a delta; in a keyframe 254 holds all links and replaces those that a viewer had.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FrameKind = Literal["keyframe", "delta"]
Values = NDArray[Any]
LINKED, UNLINKED = 254, 255
TYPES = ("u1", "u2", "u4", "i2", "i4", "f4")
NARROW = 1 << 16
MOST_BYTES = 64 << 20
_MAGIC = b"GF1"
_HEAD = struct.Struct("<3sBIB")
_PART = struct.Struct("<BBI")
_DEFLATED, _WIDE = 0x80, 0x80
_HARD = 1 << 16  # bodies beyond this are deflated fast rather than well


class FrameRefused(ValueError):
    """These bytes are not a frame of version 1, or they were damaged."""


@dataclass(frozen=True, slots=True)
class Part:
    """`values` of one column: of all rows (`rows` is None) or of these. Links: pairs, flattened."""

    column: int
    values: Values
    rows: Values | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A frame, read."""

    kind: FrameKind
    step: int
    parts: tuple[Part, ...]


def encode(kind: FrameKind, step: int, parts: Sequence[Part]) -> bytes:
    """One frame. Values travel in the type that they have: u1, u2, u4, i2, i4 or f4."""
    body = b"".join(piece for part in parts for piece in _written(part))
    packed = zlib.compress(body, 1 if len(body) > _HARD else 6)
    smaller = len(packed) < len(body)
    code = (kind == "delta") | (_DEFLATED if smaller else 0)
    return _HEAD.pack(_MAGIC, code, step, len(parts)) + (packed if smaller else body)


def _written(part: Part) -> Iterator[bytes]:
    values = part.values.astype(part.values.dtype.newbyteorder("<"), copy=False)
    code = TYPES.index(values.dtype.str[1:])
    if part.rows is None:
        yield _PART.pack(part.column, code, values.size)
    else:
        wide = part.rows.size > 0 and int(part.rows.max()) >= NARROW
        yield _PART.pack(part.column, code | (_WIDE if wide else 0), values.size)
        yield part.rows.astype("<u4" if wide else "<u2").tobytes()
    yield values.tobytes()


def decode(data: bytes) -> Content:
    """Read a frame. Raises FrameRefused."""
    try:
        magic, code, step, count = _HEAD.unpack_from(data)
        body = _inflated(data[_HEAD.size :]) if code & _DEFLATED else data[_HEAD.size :]
        kind: FrameKind = "delta" if code & ~_DEFLATED else "keyframe"
        parts = tuple(_Reader(body, kind).parts(count))
    except (struct.error, zlib.error, IndexError, ValueError) as fault:
        raise FrameRefused("This is not a frame of version 1, or it was damaged.") from fault
    if magic != _MAGIC:
        raise FrameRefused("This is not a frame of version 1.")
    return Content(kind, step, parts)


def _inflated(data: bytes) -> bytes:
    reader = zlib.decompressobj()
    body = reader.decompress(data, MOST_BYTES)
    if not reader.eof:
        raise ValueError("cut short, or larger than any frame")
    return body


class _Reader:
    """Takes parts from the front of a body."""

    def __init__(self, body: bytes, kind: FrameKind) -> None:
        self.body, self.at, self.kind = body, 0, kind

    def parts(self, count: int) -> Iterator[Part]:
        for _ in range(count):
            yield self._part()
        if self.at != len(self.body):
            raise ValueError("something follows the last part")

    def _part(self) -> Part:
        column, code, n = _PART.unpack_from(self.body, self.at)
        self.at += _PART.size
        by_rows = self.kind == "delta" and column < LINKED
        rows = self._numbers("<u4" if code & _WIDE else "<u2", n) if by_rows else None
        return Part(column, self._numbers("<" + TYPES[code & ~_WIDE], n), rows)

    def _numbers(self, dtype: str, n: int) -> Values:
        size = n * np.dtype(dtype).itemsize
        piece = self.body[self.at : self.at + size]
        if len(piece) != size:
            raise ValueError("cut short")
        self.at += size
        return np.frombuffer(piece, dtype)
