"""The functions of the language: how many arguments each takes, what comes out, and how one value is worked out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from simulations.engine.expressions.scope import Kind

SMALLEST_DRAW = 2.0**-54


@dataclass(frozen=True, slots=True)
class Function:
    """`least` to `most` arguments, all of them numbers. One that draws is given its uniform number in [0, 1) first."""

    least: int
    most: int
    work: Callable[..., Any]
    kind: Kind = "number"
    draws: bool = False


def rounded(value: float, digits: float = 0) -> float:
    """Half to even at that many digits, by the same arithmetic as the columns."""
    scale: float = 10.0**digits
    return float(round(value * scale)) / scale


def uniform(draw: float, low: float, high: float) -> float:
    return low + draw * (high - low)


def normal(draw: float, mean: float, deviation: float) -> float:
    if deviation < 0:
        raise ValueError("a deviation below zero")
    return mean + deviation * standard_normal(draw)


_standard = NormalDist()


def standard_normal(draw: float) -> float:
    """Wichura's AS241, as the standard library has it."""
    return _standard.inv_cdf(draw if draw > 0 else SMALLEST_DRAW)


def randint(draw: float, low: float, high: float) -> float:
    if high < low:
        raise ValueError("the upper bound is below the lower one")
    return float(low + math.floor(draw * (high - low + 1)))


def exponential(draw: float, rate: float) -> float:
    if rate <= 0:
        raise ValueError("a rate that is not above zero")
    return -math.log1p(-draw) / rate


def chance(draw: float, probability: float) -> bool:
    if not 0 <= probability <= 1:
        raise ValueError("a probability outside 0 to 1")
    return draw < probability


def sign(value: float) -> float:
    return float((value > 0) - (value < 0))


def clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


FUNCTIONS: dict[str, Function] = {
    "abs": Function(1, 1, abs),
    "min": Function(2, 8, min),
    "max": Function(2, 8, max),
    "round": Function(1, 2, rounded),
    "floor": Function(1, 1, math.floor),
    "ceil": Function(1, 1, math.ceil),
    "sqrt": Function(1, 1, math.sqrt),
    "exp": Function(1, 1, math.exp),
    "log": Function(1, 1, math.log),
    "sign": Function(1, 1, sign),
    "clip": Function(3, 3, clip),
    "uniform": Function(2, 2, uniform, draws=True),
    "normal": Function(2, 2, normal, draws=True),
    "randint": Function(2, 2, randint, draws=True),
    "exponential": Function(1, 1, exponential, draws=True),
    "chance": Function(1, 1, chance, "bool", draws=True),
}
PAST = ("mean_of", "lag")
"""Functions of a slot's history: the mean of its last k values, the value k steps ago."""
