"""JPEG (ITU-T T.81): segments behind markers, and the coded picture between them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from agents.pictures.formats.facing import PREFIX, without_the_rest
from agents.pictures.formats.faults import broken, check_size

START, END, SCAN = 0xD8, 0xD9, 0xDA
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDD, *FRAMES})
JFIF, EXIF, PROFILE, ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
MOST_SCANS = 100
"""A progressive picture has about ten; each one costs a decoder a pass over all pixels, and may be a few bytes long."""

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # in coded data, 00 follows a plain FF, and D0 to D7 are part of it


def cleaned(data: bytes) -> tuple[bytes, int, int]:
    """The segments that a decoder needs, width and height."""
    parts, sizes, scans = [b"\xff\xd8"], [], 0
    for marker, segment, coded in _segments(data):
        if marker in FRAMES:
            height, width = struct.unpack_from(">xHH", segment)
            sizes.append(check_size(width, height))
        scans += marker == SCAN
        if (kept := _kept(marker, segment)) is not None:
            parts.append(struct.pack(">BBH", 0xFF, marker, len(kept) + 2) + kept + coded)
    if len(sizes) != 1 or not 1 <= scans <= MOST_SCANS:
        raise broken("is no whole JPEG")
    return b"".join([*parts, b"\xff\xd9"]), *sizes[0]


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker, content, and the coded data that follows a scan's; up to the end that the file says."""
    place = 2
    while True:
        while data[place : place + 2] == b"\xff\xff":  # filling
            place += 1
        lead, marker = data[place], data[place + 1]
        if lead != 0xFF or marker == START:
            raise broken("is damaged")
        if marker == END:
            return
        (length,) = struct.unpack_from(">H", data, place + 2)
        after = place + 2 + length
        if length < 2 or after >= len(data):
            raise broken()
        place = _end_of_scan(data, after) if marker == SCAN else after
        yield marker, data[after - length + 2 : after], data[after:place]


def _end_of_scan(data: bytes, start: int) -> int:
    found = _MARKER.search(data, start)
    if found is None:
        raise broken()
    return found.start()


def _kept(marker: int, segment: bytes) -> bytes | None:
    """What stays of a segment; None where nothing does."""
    if marker in TABLES or marker in {SCAN, ADOBE}:
        return segment
    if marker == JFIF and segment.startswith(b"JFIF\x00"):
        return segment[:12] + b"\x00\x00"  # without its thumbnail
    if marker == EXIF and segment.startswith(PREFIX):
        exif = without_the_rest(segment)
        return PREFIX + exif if exif else None
    return segment if marker == PROFILE and segment.startswith(b"ICC_PROFILE\x00") else None
