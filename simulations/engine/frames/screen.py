"""What a viewer holds: the page does the same in the browser (static/simulations/frames.js)."""

from __future__ import annotations

import numpy as np

from simulations.engine.frames.wire import LINKED, UNLINKED, Part, Values, decode

Link = tuple[int, int]


class Screen:
    """Columns by their number and the links, as of `step`. -1: nothing was shown yet."""

    def __init__(self) -> None:
        self.step = -1
        self.columns: dict[int, Values] = {}
        self.links: set[Link] = set()

    def show(self, frame: bytes) -> bool:
        """Apply a frame; False where it is a delta that does not follow what is shown. Raises FrameRefused."""
        content = decode(frame)
        if content.kind == "delta" and content.step != self.step + 1:
            return False
        if content.kind == "keyframe":
            self.columns, self.links = {}, set()
        for part in content.parts:
            self._take(part)
        self.step = content.step
        return True

    def _take(self, part: Part) -> None:
        if part.column in (LINKED, UNLINKED):
            pairs = {(int(a), int(b)) for a, b in part.values.reshape(-1, 2)}
            self.links = self.links | pairs if part.column == LINKED else self.links - pairs
        elif part.rows is None:
            self.columns[part.column] = part.values.copy()
        else:
            self._change(part.column, part.rows.astype(np.int64), part.values)

    def _change(self, column: int, rows: Values, values: Values) -> None:
        held = self.columns.get(column, np.zeros(0, values.dtype))
        missing = int(rows.max()) + 1 - held.size if rows.size else 0
        if missing > 0:
            held = np.concatenate([held, np.zeros(missing, values.dtype)])
        held[rows] = values
        self.columns[column] = held
