"""GIF (w3.org/Graphics/GIF/spec-gif89a.txt): a screen, colours, and blocks in pieces of at most 255 bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from agents.pictures.formats.faults import animated, broken, check_size

EXTENSION, PICTURE, END = 0x21, 0x2C, 0x3B
CONTROL = 0xF9  # what of a picture is transparent; comments, names of programs and texts are left out


def cleaned(data: bytes) -> tuple[bytes, int, int]:
    """The screen and its one picture, width and height."""
    width, height, flags = struct.unpack_from("<6xHHB", data)
    check_size(width, height)
    start = 13 + _colours(flags)
    kept, pictures = [data[:start]], 0
    for block in _blocks(data, start):
        pictures += block[0] == PICTURE
        if block[0] == PICTURE or block[1] == CONTROL:
            kept.append(block)
    if pictures > 1:
        raise animated()
    if not pictures:
        raise broken("has no picture in it")
    return b"".join([*kept, bytes([END])]), width, height


def _colours(flags: int) -> int:
    """Bytes of the table of colours that follows."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: bytes, place: int) -> Iterator[bytes]:
    while data[place] != END:
        if data[place] == EXTENSION:
            end = _end_of_pieces(data, place + 2)
        elif data[place] == PICTURE:
            width, height, flags = struct.unpack_from("<5xHHB", data, place)
            check_size(width, height)
            end = _end_of_pieces(data, place + 11 + _colours(flags))
        else:
            raise broken("is damaged")
        yield data[place:end]
        place = end


def _end_of_pieces(data: bytes, place: int) -> int:
    while data[place]:
        place += data[place] + 1
    return place + 1
