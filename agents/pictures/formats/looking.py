"""From bytes to a picture of a known kind."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from agents.pictures.formats import gif, jpeg, png, webp
from agents.pictures.formats.faults import PictureFault, broken

Reader = Callable[[bytes], tuple[bytes, int, int]]
_KINDS: tuple[tuple[str, Callable[[bytes], bool], Reader], ...] = (
    ("image/png", lambda data: data.startswith(png.HEAD), png.cleaned),
    ("image/jpeg", lambda data: data.startswith(b"\xff\xd8\xff"), jpeg.cleaned),
    ("image/webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", webp.cleaned),
    ("image/gif", lambda data: data[:6] in {b"GIF87a", b"GIF89a"}, gif.cleaned),
)
MEDIA_TYPES = tuple(kind for kind, _, _ in _KINDS)


@dataclass(frozen=True, slots=True)
class Clean:
    """A picture without positions, names of devices, comments and thumbnails, and without what was hung on behind its end."""

    media_type: str
    width: int
    height: int
    data: bytes = field(repr=False)


def cleaned(data: bytes) -> Clean:
    """Raises PictureFault for what is none of the four, is broken, moves, or has too many pixels."""
    for media_type, is_such, read in _KINDS:
        if is_such(data):
            try:
                kept, width, height = read(data)
            except (struct.error, IndexError) as error:
                raise broken() from error
            return Clean(media_type, width, height, kept)
    raise PictureFault("kind", "is no PNG, JPEG, WebP or GIF picture. Save it as one of these and send that.")
