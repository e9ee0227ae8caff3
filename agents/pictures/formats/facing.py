"""Which way is up: the one thing in a picture's Exif data that it would look different without (Exif 2.32, tag 274)."""

from __future__ import annotations

import struct

PREFIX = b"Exif\x00\x00"
ORIENTATION = 0x0112
UPRIGHT = 1


def without_the_rest(exif: bytes) -> bytes:
    """Exif data that says nothing but the orientation; empty where the picture is upright or does not say."""
    facing = _orientation(exif.removeprefix(PREFIX))
    if facing == UPRIGHT:
        return b""
    return b"MM\x00*\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, ORIENTATION, 3, 1, facing, 0, 0)


def _orientation(tiff: bytes) -> int:
    """1 to 8."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return UPRIGHT
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, start)
        for place in range(start + 2, start + 2 + 12 * entries, 12):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, place)
            if (tag, kind) == (ORIENTATION, 3) and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return UPRIGHT
    return UPRIGHT
