"""Random numbers without a state: each is a function of (seed, step, stream, agent, draw).

Nothing needs to be saved in a checkpoint, no draw depends on the order in which agents act, and two branches of
one simulation stay comparable (common random numbers). The mixer is the finaliser of SplitMix64
(Steele, Lea & Flood 2014).
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_TO_UNIT = 2.0**-53


@lru_cache(maxsize=1024)
def _word(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _mix(word: int) -> int:
    word = ((word ^ (word >> 30)) * _FIRST) & _MASK
    word = ((word ^ (word >> 27)) * _SECOND) & _MASK
    return word ^ (word >> 31)


def mix_words(words: Words) -> Words:
    """Scramble each 64-bit word; the same function as the one for single draws."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(_FIRST)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(_SECOND)
    return words ^ (words >> np.uint64(31))


class Chance:
    """The random numbers of one step of one simulation. Draws are in [0, 1)."""

    def __init__(self, seed: int, step: int) -> None:
        self._base = _mix((_word(f"seed {seed}") + step * _GOLDEN) & _MASK)

    def _key(self, stream: str, draw: int) -> int:
        return _mix((self._base ^ _word(stream)) + draw * _GOLDEN & _MASK)

    def _words(self, stream: str, agents: Ints, draw: int) -> Words:
        spread = (agents.astype(np.uint64) + np.uint64(1)) * np.uint64(_GOLDEN)
        return mix_words(mix_words(spread ^ np.uint64(self._key(stream, draw))) + np.uint64(_GOLDEN))

    def draws(self, stream: str, agents: Ints, draw: int = 0) -> Floats:
        """One number for each agent."""
        unit: Floats = (self._words(stream, agents, draw) >> np.uint64(11)).astype(np.float64) * _TO_UNIT
        return unit

    def draw(self, stream: str, agent: int, draw: int = 0) -> float:
        """One number for one agent: equal to its element of `draws`."""
        spread = (agent + 1) * _GOLDEN & _MASK
        return (_mix(_mix(spread ^ self._key(stream, draw)) + _GOLDEN & _MASK) >> 11) * _TO_UNIT

    def shuffled(self, stream: str, agents: Ints) -> Ints:
        """The agents in random order."""
        return agents[np.argsort(self._words(stream, agents, 0), kind="stable")]
