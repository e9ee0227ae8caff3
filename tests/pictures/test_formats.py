"""What is taken for a picture, and what of it stays; another library is asked whether it still shows the same."""

from __future__ import annotations

import random
import struct
from contextlib import suppress

import pytest

from agents.pictures.formats import Clean, PictureFault, cleaned
from tests.pictures.making import CANARY, TURNED, drawn, moving, photographed, png_of, seen_in

ORIENTATION = 0x0112
KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


def code_of(data: bytes) -> str:
    with pytest.raises(PictureFault) as refused:
        cleaned(data)
    return refused.value.code


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_known_by_its_bytes_and_shows_the_same(kind: str) -> None:
    sent = drawn(kind)
    kept = cleaned(sent + b"<script>hung on behind</script>")
    assert kept == Clean(KINDS[kind], 64, 48, kept.data)
    assert b"hung on" not in kept.data
    assert seen_in(kept.data).convert("RGB").tobytes() == seen_in(sent).convert("RGB").tobytes()


def test_a_progressive_jpeg_and_a_lossless_webp_show_the_same() -> None:
    for sent in (drawn("JPEG", progressive=True), drawn("WEBP", lossless=True)):
        assert seen_in(cleaned(sent).data).convert("RGB").tobytes() == seen_in(sent).convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_where_it_was_taken_and_with_what_is_gone_and_which_way_is_up_is_not(kind: str) -> None:
    sent = photographed(kind)
    kept = cleaned(sent)
    assert CANARY.encode() in sent
    assert CANARY.encode() not in kept.data
    assert dict(seen_in(kept.data).getexif()) == {ORIENTATION: TURNED}
    assert seen_in(kept.data).tobytes() == seen_in(sent).tobytes()
    assert cleaned(kept.data) == kept


def test_comments_are_gone() -> None:
    assert CANARY.encode() not in cleaned(drawn("GIF", comment=CANARY.encode())).data


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_animations_are_refused(kind: str) -> None:
    assert code_of(moving(kind)) == "animated"


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"BM" + bytes(60), b"II*\x00" + bytes(60)],
    ids=["nothing", "three letters", "pdf", "svg", "bmp", "tiff"],
)
def test_what_is_none_of_the_four_is_refused(data: bytes) -> None:
    assert code_of(data) == "kind"


@pytest.mark.parametrize("kind", KINDS)
def test_wherever_it_breaks_off_it_is_refused(kind: str) -> None:
    whole = cleaned(drawn(kind, size=(16, 16))).data
    assert {code_of(whole[:end]) for end in range(12, len(whole))} == {"broken"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_bytes_at_all_make_the_reader_fail(kind: str) -> None:
    sent, chance = photographed(kind) if kind != "GIF" else drawn(kind), random.Random(7)
    for _ in range(400):
        changed = bytearray(sent)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        with suppress(PictureFault):
            kept = cleaned(bytes(changed))
            assert cleaned(kept.data) == kept


def test_a_few_bytes_that_unpack_to_gigabytes_are_refused() -> None:
    assert cleaned(png_of(8_000, 5_000)).width == 8_000
    assert code_of(png_of(8_000, 5_001)) == code_of(png_of(8_001, 1)) == "too_many_pixels"
    assert code_of(png_of(0, 5)) == "broken"
    assert code_of(png_of(8, 8)[:33] + png_of(60_000, 60_000)[8:]) == "broken", (
        "two heads, and decoders go by the last one"
    )
    large_screen = bytearray(drawn("GIF", size=(8, 8)))
    large_screen[6:10] = struct.pack("<HH", 60_000, 60_000)
    assert code_of(bytes(large_screen)) == "too_many_pixels"


def test_a_jpeg_that_keeps_a_decoder_busy_is_refused() -> None:
    plain = cleaned(drawn("JPEG", size=(8, 8))).data
    scan = plain[plain.index(b"\xff\xda") : -2]
    assert cleaned(plain[:-2] + scan * 99 + b"\xff\xd9").width == 8
    assert code_of(plain[:-2] + scan * 100 + b"\xff\xd9") == "broken"


def test_a_damaged_png_is_refused() -> None:
    sent = bytearray(drawn())
    sent[40] ^= 1
    assert code_of(bytes(sent)) == "broken"
