"""How much two texts have in common, from a short fingerprint of each: MinHash over runs of words (A. Broder, 1997).

Of every run of words a hash; of each of `ROWS` ways to shuffle the hashes, the smallest. The share of equal smallest hashes estimates
the share of equal runs, with a standard error of at most 0.5/√ROWS = 4.4 %. Fingerprints that agree in a whole band are candidates.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence

from marketplace.manifest.envelope import Manifest
from marketplace.manifest.flattening import flat

WORDS = re.compile(r"[^\W_]+")
RUN = 4
FEWEST = 40
ROWS, BANDS = 128, 32
_chance = random.Random(20_261_121)  # noqa: S311 - the same shuffles for ever, or old fingerprints mean nothing
SHUFFLES = tuple((_chance.getrandbits(64) | 1, _chance.getrandbits(64)) for _ in range(ROWS))
"""Odd factors and offsets: multiplying and adding modulo 2⁶⁴ shuffles the numbers."""


def text_of(manifest: Manifest) -> str:
    """Everything that a model or a reader is told, without names, numbers and what is the same everywhere."""
    leaves = flat(manifest)
    told = [path for path in leaves if path.startswith("spec.") or path == "metadata.description"]
    return "\n".join(str(leaves[path]) for path in sorted(told) if isinstance(leaves[path], str))


def fingerprint_of(text: str) -> tuple[int, ...]:
    """The fingerprint of a text, empty for one too short to tell anything."""
    runs = _runs(text)
    if len(runs) < FEWEST:
        return ()
    import numpy as np  # noqa: PLC0415 - 10 MB in every process, for who takes fingerprints

    numbers = np.fromiter(runs, dtype=np.uint64, count=len(runs))
    with np.errstate(over="ignore"):
        return tuple(int((np.uint64(a) * numbers + np.uint64(b)).min() >> np.uint64(1)) for a, b in SHUFFLES)


def bands_of(rows: Sequence[int]) -> list[int]:
    """One number per band, for an index: texts that are 80 % alike share at least one with a chance of over 99.99 %."""
    if not rows:
        return []
    width = ROWS // BANDS
    return [_hash(",".join(map(str, (band, *rows[band * width : (band + 1) * width])))) for band in range(BANDS)]


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    if not one or len(one) != len(other):
        return 0.0
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def _runs(text: str) -> set[int]:
    words = WORDS.findall(text.casefold())
    return {_hash(" ".join(words[start : start + RUN])) for start in range(len(words) - RUN + 1)}


def _hash(text: str) -> int:
    """63 bits, so that a column of the database holds it."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1
