"""Waiting for what another process or thread does."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(
    met: Callable[[], bool], *, seconds: float = 120, otherwise: Callable[[], str] = lambda: "It did not come to it."
) -> None:
    """Until it is so; AssertionError with the words of `otherwise` when it never is. Generous: a busy machine takes its time."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.05)
