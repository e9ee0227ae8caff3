"""How often and how soon a call is tried again, and how many such tries a back end gets from this process."""

from __future__ import annotations

import random
import time
from collections.abc import Hashable
from dataclasses import dataclass

from agents.llm.types import BadReply, LLMError


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `retry_after_cap` bounds what a provider may make us wait.

    `repairs` is how often a model is shown what is wrong with its JSON or its call of a tool. `queue` is how long a call waits for room within
    our own rate limit while there is another route to take.
    """

    retries: int = 1
    shortest: float = 0.5
    longest: float = 8.0
    retry_after_cap: float = 20.0
    repairs: int = 2
    queue: float = 5.0

    def pause(self, failure: LLMError, attempt: int) -> float | None:
        """Seconds to wait before trying once more after the failure of `attempt` (from 0); None for not at all."""
        told = failure.retry_after or 0.0
        if isinstance(failure, BadReply) and failure.said:
            return 0.0 if attempt < self.repairs else None
        if not failure.retryable or attempt >= self.retries or told > self.retry_after_cap:
            return None
        ceiling = min(self.longest, self.shortest * 2**attempt)
        return told + random.uniform(0, ceiling)  # noqa: S311 - full jitter, not a secret


class RetryBudget:
    """Retries may be a tenth of the recent calls to a back end, and always a few: a busy server is not asked twice as much."""

    def __init__(self, *, share: float = 0.1, few: int = 10, window: float = 10.0) -> None:
        self._share = share
        self._few = few
        self._window = window
        self._counts: dict[Hashable, _Counts] = {}

    def called(self, key: Hashable) -> None:
        self._of(key).calls += 1

    def may_retry(self, key: Hashable) -> bool:
        """Take one retry, if there is one left in this window."""
        counts = self._of(key)
        if counts.retries >= max(self._few, self._share * counts.recent_calls()):
            return False
        counts.retries += 1
        return True

    def _of(self, key: Hashable) -> _Counts:
        now = time.monotonic()
        counts = self._counts.get(key)
        if counts is None or now - counts.began >= self._window:
            before = counts.calls if counts is not None and now - counts.began < 2 * self._window else 0
            counts = self._counts[key] = _Counts(now, before)
        return counts


@dataclass(slots=True)
class _Counts:
    began: float
    before: int = 0
    calls: int = 0
    retries: int = 0

    def recent_calls(self) -> int:
        return self.before + self.calls
