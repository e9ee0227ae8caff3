"""Why bytes are no picture that we take, and how large one may be."""

from __future__ import annotations

MOST_SIDE = 8_000  # pixels; Anthropic takes no more
MOST_PIXELS = 40_000_000  # 160 MB once a model's server has decoded it


class PictureFault(ValueError):
    """`detail` goes on after the picture's name, as in: is broken off. It says what to do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def broken(what: str = "breaks off in the middle") -> PictureFault:
    return PictureFault("broken", f"{what}. Open it in a program, save it anew, and send that.")


def animated() -> PictureFault:
    return PictureFault("animated", "is an animation, and models look at still pictures. Save the frame that you mean.")


def check_size(width: int, height: int) -> tuple[int, int]:
    """Raises PictureFault for what would fill a decoder's memory, whatever its file weighs."""
    if not width or not height:
        raise broken("says that it has no pixels")
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        detail = f"has {width:,} x {height:,} pixels; {MOST_SIDE:,} a side and {MOST_PIXELS // 1_000_000} million in all are allowed. Scale it down."
        raise PictureFault("too_many_pixels", detail)
    return width, height
