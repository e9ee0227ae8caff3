"""Taking from a stock that many take from at the same time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.engine.mechanisms.claims import Kind, ration
from simulations.engine.randomness import Floats


def take(
    kind: Kind, wanted: NDArray[Any], available: float, draws: Floats, *, bids: Floats | None = None
) -> NDArray[Any]:
    """What each of n gets of `available` where they ask for `wanted` (nothing, if negative).

    `ration`: in proportion. `priority`: one after the other, highest draw first, until it is gone; the last gets what is
    left. `auction`: the same, highest bid first (without bids, who wants most).
    """
    if kind == "ration":
        return ration(wanted, available, draws=draws)
    asked = np.maximum(wanted, 0)
    ranks = (-draws,) if kind == "priority" else (-draws, -(asked if bids is None else bids))
    order = np.lexsort(ranks)
    before = np.cumsum(asked[order]) - asked[order]
    granted: NDArray[Any] = np.zeros_like(asked)
    left = np.maximum(available - before, 0)
    granted[order] = np.minimum(asked[order], np.floor(left) if asked.dtype.kind in "iu" else left)
    return granted
