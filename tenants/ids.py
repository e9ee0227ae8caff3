"""Time-ordered identifiers."""

from __future__ import annotations

import secrets
import threading
import time
import uuid


class Ticks:
    """Moments in 4096ths of a millisecond since 1970, each later than the one before, also where the clock stands still or is put back."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._last = 0

    def at(self, nanoseconds: int) -> int:
        """The tick of this time, or the next that is free."""
        milliseconds, rest = divmod(nanoseconds, 1_000_000)
        with self._guard:
            self._last = max(milliseconds << 12 | (rest << 12) // 1_000_000, self._last + 1)
            return self._last


_ticks = Ticks()


def uuid7() -> uuid.UUID:
    """A version 7 UUID (RFC 9562, 5.7 and 6.2, method 3): 48 bits of Unix milliseconds, 12 bits of their fraction, 62 random bits.

    Those of one process are in the order in which they were made.
    """
    tick = _ticks.at(time.time_ns())
    return uuid.UUID(int=tick >> 12 << 80 | 7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62))
