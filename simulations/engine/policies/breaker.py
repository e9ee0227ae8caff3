"""Whether it makes sense to ask at all: after some failures in a row nobody is asked for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from simulations.engine.decisions import ModelFailed

FAILURES = 8
REST_SECONDS = 30.0
MOST_REST_SECONDS = 300.0


class ModelsDead(ModelFailed):
    """Nobody was asked: the models have not answered of late."""

    def __init__(self, detail: str) -> None:
        super().__init__("unavailable", detail)


class Breaker:
    """Opens after `failures` calls in a row without an answer; then one call at a time is let through to try."""

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        rest_seconds: float = REST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._first_rest = self._rest = rest_seconds
        self._clock = clock
        self._failed = 0
        self._closed_again_at = 0.0
        self._last = ""

    @property
    def is_open(self) -> bool:
        return self._failed >= self._most

    def check(self) -> None:
        """Raises ModelsDead while it is open, except for one call each time the rest is over."""
        if not self.is_open:
            return
        if self._clock() < self._closed_again_at:
            raise ModelsDead(f"The models have failed {self._failed} times in a row and rest for a while: {self._last}")
        self._closed_again_at = self._clock() + self._rest

    def answered(self) -> None:
        self._failed, self._rest = 0, self._first_rest

    def failed(self, detail: str) -> None:
        self._failed += 1
        self._last = detail
        if self.is_open:
            self._closed_again_at = self._clock() + self._rest
            self._rest = min(self._rest * 2, MOST_REST_SECONDS)
