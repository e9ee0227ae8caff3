"""While agents act one after the other: whose view may have changed since all of them looked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from simulations.engine.spaces import Site
from simulations.engine.world.scene import Scene


@dataclass(slots=True)
class Reads:
    """What observations and derived values look at, by where it is looked for.

    `own`: in oneself. `near`: in others at most that many links or cells away; a distance of its own says how far the mere
    presence of others matters. `partner`: in whom one meets. `everyone`: in anybody, or in what all share.
    """

    own: set[str] = field(default_factory=set)
    near: dict[str, int] = field(default_factory=dict)
    partner: set[str] = field(default_factory=set)
    everyone: set[str] = field(default_factory=set)
    presence: int = 0

    def see(self, name: str, distance: int) -> None:
        """Note that a name is read at that distance; 0 is oneself."""
        if distance:
            self.near[name] = max(distance, self.near.get(name, 0))
        else:
            self.own.add(name)


class Watch:
    """Collects the rows that must look again. Nothing is collected while `on` is false: nobody acts in turn."""

    def __init__(self, scene: Scene, reads: Reads) -> None:
        self.scene = scene
        self.reads = reads
        self.on = False
        self.rows: set[int] = set()
        self.everyone = False
        self.serial = 0
        """Counts what everyone can see to have changed."""
        self._empty = 0
        self._meeting: dict[int, list[int]] = {}

    def begin(self) -> None:
        """Everybody has just looked."""
        self.on = True
        self.everyone = False
        self.rows.clear()
        self._empty = self.scene.space.empty_count
        self._meeting.clear()
        if self.reads.partner:
            self._note_meetings()

    def end(self) -> None:
        self.on = False
        self.everyone = False
        self.rows.clear()

    def note_everyone(self) -> None:
        """Something that all can see is another now."""
        self.scene.memo.clear()
        self.everyone = True
        self.serial += 1

    def changed(self, slot: str, row: int) -> None:
        """One value of one agent is another now."""
        reads = self.reads
        if slot in reads.everyone:
            self.note_everyone()
            return
        if slot in reads.near:
            self._around(row, reads.near[slot])
        elif slot in reads.own:
            self.rows.add(row)
        if slot in reads.partner:
            self.rows.update(self._meeting.get(row, ()))

    def shared(self, name: str) -> None:
        """A global, a pool or a market is another now."""
        self.scene.memo.clear()
        if name in self.reads.everyone:
            self.note_everyone()

    def meets(self, row: int, partner: int) -> None:
        """An agent has somebody else before it now."""
        self.rows.add(row)
        self._meeting.setdefault(partner, []).append(row)

    def moved(self, row: int, start: Site) -> None:
        """One agent has left a place and is at another now, or came, or went for good."""
        if self._empty != self.scene.space.empty_count:
            self._empty = self.scene.space.empty_count
            self.shared("space.empty")
        self.scene.around.clear()
        self.rows.add(row)
        if self.reads.presence:
            near = self.scene.space.rows_near(start)
            self.rows.update(near)
            self._around(row, self.reads.presence)
            if self.reads.presence > 1:
                self._widen(near, self.reads.presence - 1)

    def _around(self, row: int, distance: int) -> None:
        self.rows.add(row)
        if distance == 1:
            self.rows.update(self.scene.near(row))
        else:
            self._widen((row,), distance)

    def _widen(self, rows: Iterable[int], distance: int) -> None:
        edge = set(rows)
        for _ in range(distance):
            edge = {other for row in edge for other in self.scene.near(row)}
            self.rows |= edge

    def _note_meetings(self) -> None:
        partner = self.scene.partner
        for row in np.flatnonzero(partner != np.arange(partner.size)).tolist():
            self._meeting.setdefault(int(partner[row]), []).append(row)
