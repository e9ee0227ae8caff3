"""Takes the pictures of a play: chooses what a viewer needs of each column and in how many bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulations.engine.frames.wire import LINKED, NARROW, UNLINKED, FrameKind, Part, Values, encode
from simulations.engine.state import Change, Delta, UnifiedStateManager

KEYFRAME_EVERY = 50
MOST_PICTURED = NARROW
_FINEST = 0xFFFF
Wire = Literal["u1", "u2", "u4", "i2", "i4", "f4"]
Links = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Frame:
    """One step for a viewer; `payload` as in `simulations.engine.frames.wire`."""

    step: int
    kind: FrameKind
    payload: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """A column that viewers get. Where `high > low` it travels as u16: low + word / 65,535 * (high - low)."""

    name: str
    wire: Wire
    low: float = 0.0
    high: float = 0.0

    @property
    def is_scaled(self) -> bool:
        return self.high > self.low

    def packed(self, values: Values) -> Values:
        """The values as they travel: clipped to the range, or to what the type can hold."""
        if self.is_scaled:
            part = (np.nan_to_num(values.astype(np.float64)) - self.low) / (self.high - self.low)
            return np.rint(np.clip(part, 0.0, 1.0) * _FINEST).astype("<u2")
        if self.wire == "f4":
            return values.astype("<f4")
        limits = np.iinfo(self.wire)
        return np.clip(values.astype(np.int64), limits.min, limits.max).astype("<" + self.wire)


class Camera:
    """`shown` are the columns in the order of their numbers. A crowd beyond 65,536 is shown by every `stride`-th agent.

    `links` answers all links of a network that changes; without it, none travel.
    """

    def __init__(self, shown: Sequence[Shown], *, rows: int, links: Callable[[], Links] | None = None) -> None:
        self.shown = tuple(shown)
        self.stride = max(1, -(-rows // MOST_PICTURED))
        self._links = links
        self._linked: set[tuple[int, int]] = set()

    def frame(self, step: int, state: UnifiedStateManager, delta: Delta, *, whole: bool = False) -> Frame:
        """The picture of a step whose changes are `delta`; every fiftieth one, and with `whole`, is complete."""
        if whole or step % KEYFRAME_EVERY == 0:
            return self.keyframe(step, state)
        parts = [*self._changes(delta), *self._changed_links()]
        return Frame(step, "delta", encode("delta", step, parts))

    def keyframe(self, step: int, state: UnifiedStateManager) -> Frame:
        """The whole picture as it is now."""
        parts = [Part(number, each.packed(state[each.name][:: self.stride])) for number, each in enumerate(self.shown)]
        if self._links is not None:
            self._linked = set(self._links())
            parts.append(Part(LINKED, _pairs(self._linked)))
        return Frame(step, "keyframe", encode("keyframe", step, parts))

    def _changes(self, delta: Delta) -> Iterable[Part]:
        for number, each in enumerate(self.shown):
            if (change := delta.get(each.name)) is not None:
                rows, values = self._seen(change)
                if rows.size:
                    yield Part(number, each.packed(values), rows)

    def _seen(self, change: Change) -> tuple[Values, Values]:
        if self.stride == 1:
            return change.rows, change.values
        seen = change.rows % self.stride == 0
        return change.rows[seen] // self.stride, change.values[seen]

    def _changed_links(self) -> Iterable[Part]:
        if self._links is None:
            return
        now, before = set(self._links()), self._linked
        self._linked = now
        for number, pairs in ((LINKED, now - before), (UNLINKED, before - now)):
            if pairs:
                yield Part(number, _pairs(pairs))


def _pairs(links: Iterable[tuple[int, int]]) -> Values:
    return np.asarray(sorted(links), dtype="<u4").reshape(-1)
