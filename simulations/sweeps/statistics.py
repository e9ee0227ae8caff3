"""Means of few runs, and how sure they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
RESAMPLES = 2000
_AT_A_TIME = 1_000_000  # drawn values in memory


@dataclass(frozen=True, slots=True)
class Sums:
    """What is kept of n values so that one more can be added (Welford, Technometrics 4 (1962) 419)."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def add(self, value: float) -> Sums:
        n = self.n + 1
        gap = value - self.mean
        mean = self.mean + gap / n
        return Sums(n, mean, self.squares + gap * (value - mean), min(self.low, value), max(self.high, value))

    @property
    def deviation(self) -> float | None:
        """The sample's standard deviation; None for a single value."""
        return math.sqrt(self.squares / (self.n - 1)) if self.n > 1 else None

    def interval(self) -> tuple[float, float] | None:
        """95 % confidence for the mean by Student's t; None for a single value."""
        if self.deviation is None:
            return None
        from scipy.special import stdtrit  # noqa: PLC0415  (for who asks)

        reach = float(stdtrit(self.n - 1, (1 + CONFIDENCE) / 2)) * self.deviation / math.sqrt(self.n)
        return self.mean - reach, self.mean + reach


def bootstrap(values: Sequence[float], *, seed: int = 0) -> tuple[float, float] | None:
    """95 % confidence for the mean by resampling (Efron's percentiles); the same for the same values and seed."""
    if len(values) < 2:
        return None
    import numpy as np  # noqa: PLC0415  (for who asks)

    rng, known = np.random.default_rng(seed), np.asarray(values, np.float64)
    rows = max(1, min(RESAMPLES, _AT_A_TIME // known.size))
    blocks = [min(rows, RESAMPLES - done) for done in range(0, RESAMPLES, rows)]
    means = np.concatenate([known[rng.integers(0, known.size, (block, known.size))].mean(axis=1) for block in blocks])
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]).tolist()
    return low, high
