"""From a distribution over actions to what one agent does: it draws with a number of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulations.engine.decisions import Decision, Option
from simulations.engine.randomness import Floats, Ints

DRAW_STREAM = "decide"
"""The stream of the number by which an agent draws from a decision."""


def pick(options: Sequence[Option], draw: float) -> int:
    """The place of the option that `draw` (in [0, 1)) falls into. Weights sum to 1; rounding errors fall to the last."""
    total = 0.0
    for place, option in enumerate(options[:-1]):
        total += option.weight
        if draw < total:
            return place
    return len(options) - 1


def pick_many(decisions: Sequence[Decision], groups: Ints, draws: Floats) -> Ints:
    """For each agent the place of its option within `decisions[groups[agent]]`; equal to `pick`, one by one."""
    width = max((len(decision.options) for decision in decisions), default=1)
    bounds = np.full((len(decisions), width), np.inf)
    for line, decision in enumerate(decisions):
        weights = [option.weight for option in decision.options[:-1]]
        bounds[line, : len(weights)] = np.cumsum(weights)
    places: Ints = np.zeros(groups.size, np.int64)
    for column in range(width - 1):
        places += draws >= bounds[groups, column]
    return places
