"""A number for what a row holds, by which states are told apart. By accident, not against an adversary."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.engine.randomness import Ints, Words, mix_words

LANES = np.array([[0x243F6A8885A308D3], [0x13198A2E03707344]], np.uint64)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def row_hashes(rows: Ints, held: Iterable[Words]) -> Words:
    """(2, n): for each row two words out of its number and what it holds, one 64-bit word for each thing."""
    words = mix_words(rows.astype(np.uint64) ^ LANES)
    for each in held:
        words = mix_words(words ^ each)
    return words


def folded(window: NDArray[Any]) -> Words:
    """One word for each row out of the k that a (k, n) window holds; their order counts."""
    odd = (np.arange(1, len(window) + 1, dtype=np.uint64) * _SPREAD) | np.uint64(1)
    words: Words = (mix_words(bits_of(window)) * odd[:, np.newaxis]).sum(axis=0, dtype=np.uint64)
    return words


def bits_of(values: NDArray[Any]) -> Words:
    """Numbers as 64-bit words; equal numbers give equal words (-0.0 is 0.0)."""
    if values.dtype.kind == "f":
        return (values.astype(np.float64) + 0.0).view(np.uint64)
    return values.astype(np.int64).view(np.uint64)


def word_of(text: str) -> int:
    """64 bits that stand for a text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
