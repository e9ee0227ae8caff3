"""Going through a recorded play again: every step must come to the state that it came to then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first thing that differs: in which step, and where it is known, which agent (`row`), which field, both values."""

    step: int
    recorded: str
    replayed: str
    row: int | None = None
    field: str = ""

    @property
    def sentence(self) -> str:
        if self.row is None:
            return (
                f"Step {self.step} came to another state than the recorded play ({self.replayed}, not {self.recorded})."
            )
        return (
            f"In step {self.step}, {self.field} of agent {self.row} is {self.replayed}; in the recorded play it was "
            f"{self.recorded}."
        )


class Playing(Protocol):
    """As much of an engine as a replay needs."""

    @property
    def step_number(self) -> int: ...

    @property
    def digest(self) -> str: ...

    @property
    def columns(self) -> Columns: ...

    @property
    def is_finished(self) -> bool: ...

    async def step(self) -> object: ...


@dataclass(slots=True)
class Replay:
    """A play that is gone through again beside the digests of the recorded one.

    `columns_at` gives the recorded columns of a step where they are known (out of a frame or a checkpoint), so that a
    mismatch can be named.
    """

    playing: Playing
    digests: Mapping[int, str]
    columns_at: Callable[[int], Columns | None] = lambda _: None

    async def run(self, until: int | None = None) -> Mismatch | None:
        """Up to `until`, or the last recorded step. The first mismatch ends it; None: all steps are equal."""
        last = max(self.digests, default=0) if until is None else until
        mismatch = self.check()
        while mismatch is None and self.playing.step_number < last and not self.playing.is_finished:
            await self.playing.step()
            mismatch = self.check()
        return mismatch

    def check(self) -> Mismatch | None:
        """Whether the step that was just played came to the recorded state."""
        step = self.playing.step_number
        recorded = self.digests.get(step)
        if recorded is None or recorded == self.playing.digest:
            return None
        then = self.columns_at(step)
        named = None if then is None else first_difference(step, then, self.playing.columns)
        return named or Mismatch(step, recorded, self.playing.digest)


def first_difference(step: int, recorded: Columns, replayed: Columns) -> Mismatch | None:
    """The agent with the smallest row that differs, and the first of its fields that does."""
    found: tuple[int, str] | None = None
    for name in sorted(recorded.keys() & replayed.keys()):
        row = _first_row(recorded[name], replayed[name])
        if row is not None and (found is None or row < found[0]):
            found = (row, name)
    if found is None:
        return None
    row, name = found
    return Mismatch(step, _value(recorded[name], row), _value(replayed[name], row), row, name)


def _first_row(then: NDArray[Any], now: NDArray[Any]) -> int | None:
    both = min(then.size, now.size)
    differs = then[:both] != now[:both]
    if then.dtype.kind == "f" and now.dtype.kind == "f":
        differs &= ~(np.isnan(then[:both]) & np.isnan(now[:both]))
    if differs.any():
        return int(np.flatnonzero(differs)[0])
    return both if then.size != now.size else None


def _value(column: NDArray[Any], row: int) -> str:
    return str(column[row].item()) if row < column.size else "absent"
