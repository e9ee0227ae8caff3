"""How sure a share of few trials is, and where the middle and the slow end of some measurements lie."""

from __future__ import annotations

import math
from collections.abc import Sequence

Z = 1.959963984540054  # of 95 %, two-sided


def wilson(passed: int, n: int, *, z: float = Z) -> tuple[float, float]:
    """The score interval of Wilson (1927, J. Am. Stat. Assoc. 22:209) for a share; (0, 1) where nothing was tried."""
    if n == 0:
        return 0.0, 1.0
    share, square = passed / n, z * z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Between the two nearest ranks, as PostgreSQL's percentile_cont; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
