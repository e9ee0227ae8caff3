"""WebP (developers.google.com/speed/webp/docs/riff_container): chunks in a RIFF file."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from agents.pictures.formats.facing import without_the_rest
from agents.pictures.formats.faults import animated, broken, check_size

KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"})
PICTURES = frozenset({b"VP8 ", b"VP8L"})
MOVES, HAS_XMP, HAS_EXIF = 0x02, 0x04, 0x08


def cleaned(data: bytes) -> tuple[bytes, int, int]:
    """The chunks that show the picture, width and height."""
    chunks = list(_chunks(data))
    exif = b"".join(without_the_rest(body) for kind, body in chunks if kind == b"EXIF")
    sizes = {size for kind, body in chunks if (size := _size(kind, body)) is not None}
    if len(sizes) != 1 or sum(kind in PICTURES for kind, _ in chunks) != 1:
        raise broken("is no whole WebP picture")
    width, height = check_size(*sizes.pop())
    kept = [_packed(kind, _said(kind, body, exif)) for kind, body in chunks if kind in KEPT]
    if exif and chunks[0][0] == b"VP8X":
        kept.append(_packed(b"EXIF", exif))
    content = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(content)) + content, width, height


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    (size,) = struct.unpack_from("<I", data, 4)
    end = size + 8
    if end > len(data):
        raise broken()
    place = 12
    while place + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, place)
        if place + 8 + length > end:
            raise broken()
        yield kind, data[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


def _size(kind: bytes, body: bytes) -> tuple[int, int] | None:
    """Width and height, of a chunk that says them."""
    if kind in {b"ANIM", b"ANMF"} or (kind == b"VP8X" and body[0] & MOVES):
        raise animated()
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8 ":
        if body[3:6] != b"\x9d\x01\x2a":
            raise broken("is damaged")
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<xI", body)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _said(kind: bytes, body: bytes, exif: bytes) -> bytes:
    """A head that names no chunk which is gone."""
    if kind != b"VP8X":
        return body
    flags = body[0] & ~(HAS_XMP | HAS_EXIF) | (HAS_EXIF if exif else 0)
    return bytes([flags]) + body[1:]


def _packed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)
