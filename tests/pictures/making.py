"""Pictures to send, made by a library that the product does not use."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import ExifTags, Image, ImageDraw

CANARY = "Canary Phone 3"
TURNED = 6


def drawn(kind: str = "PNG", size: tuple[int, int] = (64, 48), **more: object) -> bytes:
    """A red sheet with a green corner."""
    picture = Image.new("RGB", size, (200, 30, 30))
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2, size[1] // 2), fill=(0, 200, 0))
    return _saved(picture, kind, **more)


def photographed(kind: str) -> bytes:
    """As a telephone sends it: turned, with its name, with the place, and a comment where the kind has one."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = TURNED
    exif[ExifTags.Base.Make] = CANARY
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 29.0)
    return drawn(kind, exif=exif, comment=CANARY.encode())


def moving(kind: str) -> bytes:
    first, second = (Image.new("RGB", (8, 8), colour) for colour in ("red", "blue"))
    return _saved(first, kind, save_all=True, append_images=[second])


def png_of(width: int, height: int) -> bytes:
    """A whole file with almost nothing in it, whatever size it declares."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    )
    packed = (struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def seen_in(data: bytes) -> Image.Image:
    """What a viewer shows."""
    return Image.open(io.BytesIO(data))


def _saved(picture: Image.Image, kind: str, **more: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **more)
    return file.getvalue()
