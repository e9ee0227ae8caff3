"""Which agents are in the same situation, and the key by which that situation is known to caches and logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from simulations.engine.randomness import Ints

KEY_BYTES = 16
_MOST_CODES = 1 << 62
_AS_JSON = orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY


def digest_of(*parts: object) -> bytes:
    """16 bytes that stand for some JSON-like values, bytes among them."""
    readable = [part.hex() if isinstance(part, bytes) else part for part in parts]
    return blake2b(orjson.dumps(readable, option=_AS_JSON), digest_size=KEY_BYTES).digest()


def key_maker(
    *, scenario: str, archetype: str, policy: bytes, individual: bool = False
) -> Callable[[Mapping[str, Any], Sequence[str], int, int], bytes]:
    """A function (observation, legal actions, agent, step) → key, for one archetype under one policy.

    `scenario` is its digest, `policy` the fingerprint of whoever decides. Agent and step count only where each agent is
    asked for itself. Equal observations have equal keys whatever the order of their fields.
    """
    base = blake2b(digest_of(scenario, archetype, policy), digest_size=KEY_BYTES)

    def key(observation: Mapping[str, Any], legal: Sequence[str], agent: int, step: int) -> bytes:
        told = [observation, legal, agent, step] if individual else [observation, legal]
        state = base.copy()
        state.update(orjson.dumps(told, option=_AS_JSON))
        return state.digest()

    return key


def coalesce(columns: Sequence[NDArray[Any]], rows: int) -> tuple[Ints, Ints]:
    """Group agents that see the same in every column: (the first of each group, the group of each agent).

    `columns` hold `rows` values each (numbers, booleans or words). Equal means equal: no rounding is done here.
    """
    codes, size = np.zeros(rows, np.int64), 1
    for column in columns:
        inner, inner_size = _codes_of(column)
        if size * inner_size > _MOST_CODES:
            codes, size = _compact(codes)
        codes, size = codes * inner_size + inner, size * inner_size
    if size > 8 * rows + 1024:
        codes, size = _compact(codes)
    return _grouped(codes, size)


def _grouped(codes: Ints, size: int) -> tuple[Ints, Ints]:
    seen = np.zeros(size, np.bool_)
    seen[codes] = True
    number = np.cumsum(seen) - 1
    group: Ints = number[codes]
    first = np.empty(int(seen.sum()), np.int64)
    first[group[::-1]] = np.arange(codes.size - 1, -1, -1)  # the last one written stays, which is the first agent
    return first, group


def _codes_of(column: NDArray[Any]) -> tuple[Ints, int]:
    """Each distinct value as a number below the second result; cheap where the values are small whole numbers."""
    if column.dtype.kind in "biu" and column.size:
        low, high = int(column.min()), int(column.max())
        if high - low < 4 * column.size + 1024:
            return column.astype(np.int64) - low, high - low + 1
    return _compact(column)


def _compact(values: NDArray[Any]) -> tuple[Ints, int]:
    distinct, codes = np.unique(values, return_inverse=True)
    return codes.astype(np.int64), max(distinct.size, 1)
