"""PNG (w3.org/TR/png-3): chunks with a checksum each."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from agents.pictures.formats.facing import without_the_rest
from agents.pictures.formats.faults import PictureFault, animated, broken, check_size

HEAD = b"\x89PNG\r\n\x1a\n"
KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"iCCP"})
IS_CRITICAL = 0x20  # not set in the first letter: who does not know the chunk cannot show the picture


def cleaned(data: bytes) -> tuple[bytes, int, int]:
    """The picture's own chunks, width and height."""
    chunks = list(_chunks(data))
    kinds = [kind for kind, _ in chunks]
    if kinds[0] != b"IHDR" or b"IDAT" not in kinds:
        raise broken("has no picture in it")
    if kinds.count(b"IHDR") > 1:  # some decoders go by the last one, and nobody has looked at its size
        raise broken("says twice how large it is")
    width, height = check_size(*struct.unpack_from(">II", chunks[0][1]))
    kept = (_packed(*chunk) for kind, body in chunks if (chunk := _kept(kind, body)) is not None)
    return HEAD + b"".join(kept), width, height


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """To the end that the file says; what hangs behind it is no part of the picture."""
    place, kind = len(HEAD), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, place + 8 + length)
        if zlib.crc32(kind + body) != checksum:
            raise broken("is damaged: a checksum is wrong")
        yield kind, body
        place += 12 + length


def _kept(kind: bytes, body: bytes) -> tuple[bytes, bytes] | None:
    if kind == b"acTL":
        raise animated()
    if kind == b"eXIf":
        return (kind, exif) if (exif := without_the_rest(body)) else None
    if kind in KEPT:
        return kind, body
    if not kind[0] & IS_CRITICAL:
        raise PictureFault("kind", "is a PNG of a kind that few programs read. Save it as a plain PNG and send that.")
    return None


def _packed(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
