"""Conflicts between agents who act at the same time, settled by declared rules."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulations.engine.randomness import Floats, Ints

Kind = Literal["priority", "auction", "ration"]


def resolve(
    kind: Kind, targets: Ints, draws: Floats, *, bids: Floats | None = None, room: Ints | int = 1
) -> NDArray[np.bool_]:
    """Which of n claims win. `targets` (n) are what each claims, `draws` (n) its random number, `room` how many a target takes.

    `priority`: the highest draws. `auction`: the highest bids, of equals the higher draw. What is indivisible cannot be
    rationed in shares, so that `ration` is a lottery, as `priority`. Of equal draws the earlier claim wins.
    """
    if kind == "auction" and bids is None:
        raise ValueError("An auction needs bids.")
    ranks = (-draws,) if kind != "auction" or bids is None else (-draws, -bids)
    order = np.lexsort((*ranks, targets))
    sorted_targets = targets[order]
    first = np.searchsorted(sorted_targets, sorted_targets)
    winners = np.zeros(targets.size, np.bool_)
    winners[order] = np.arange(targets.size) - first < _room_of(room, sorted_targets)
    return winners


def ration(wanted: NDArray[Any], available: float, *, draws: Floats | None = None) -> NDArray[Any]:
    """What each of n gets of a stock that is divided in proportion to what was asked; never more than asked.

    Whole amounts stay whole: the remainder goes one by one to the largest fractions, of equals the higher draw
    (Hamilton's method).
    """
    asked: NDArray[Any] = np.maximum(wanted, 0)
    total = asked.sum()
    if total <= available:
        return asked
    shares: NDArray[Any] = asked * (max(available, 0) / total)
    if asked.dtype.kind not in "iu":
        return shares
    whole: NDArray[Any] = np.floor(shares).astype(asked.dtype)
    left = int(max(available, 0)) - int(whole.sum())
    ties = np.zeros(asked.size) if draws is None else -draws
    order = np.lexsort((ties, whole - shares))
    whole[order[:left]] += 1
    return whole


def _room_of(room: Ints | int, targets: Ints) -> Ints | int:
    return room if isinstance(room, int) else room[targets]
