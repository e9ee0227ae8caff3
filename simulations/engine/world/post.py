"""What agents say to one another: the protocol's bus by steps, as a part of a world and of its state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from agents.protocol.messages import NORMAL, Draft, Message, packed, seal_as
from agents.protocol.steps.bus import Circle, StepBus
from agents.protocol.steps.names import id_of
from agents.protocol.steps.notes import Note
from agents.protocol.steps.recent import Recent, Said
from agents.protocol.topics import HOST
from simulations.engine.randomness import Ints
from simulations.engine.state import UnifiedStateManager


class Population:
    """The agents of a state as members of a bus; an archetype is a circle."""

    state: UnifiedStateManager

    def circle_of(self, member: int) -> int:
        return int(self.state.cells("archetype")[member])

    def is_there(self, member: int) -> bool:
        return bool(self.state.cells("alive")[member])

    def of(self, circle: int) -> list[int]:
        here = self.state["alive"] & (self.state["archetype"] == circle)
        found: list[int] = np.flatnonzero(here).tolist()
        return found


class Post:
    """The bus of one play. Its digest is of what waits for whom, as it will be read; who said it belongs to what is kept besides."""

    def __init__(self, circles: Sequence[Circle], mark: int) -> None:
        self.population = Population()
        self._recent = Recent()
        self.bus = StepBus(mark, circles, self.population, self._recent)

    def tell(self, row: int | None, text: str) -> None:
        """From outside, to one or to all. Raises BadMessage."""
        if row is None:
            self.bus.broadcast(text, sender=None)
        else:
            self.bus.send(text, sender=None, to=row)

    def have_read(self, rows: Ints) -> None:
        if self.bus:
            self.bus.read(rows.tolist())

    def leave(self, row: int) -> None:
        self.bus.leave(row)

    def said(self) -> Said:
        """What was said since this was last asked."""
        return self._recent.take()

    def letters(self) -> Mapping[int, Sequence[str]]:
        """What waits for whom, in the order in which it is read."""
        return _Letters(self.bus)

    def digested(self) -> dict[str, list[Any]]:
        """A plain message is its words; others say how urgent they are, on which topic, and until when."""
        found: dict[str, list[Any]] = {}
        for notes, rows in self.bus.queues():
            told = [_told(each) for each in notes]
            for row in rows:
                found[str(row)] = told
        return found

    def snapshot(self) -> dict[str, Any]:
        return self.bus.snapshot()

    def kept(self) -> Callable[[], dict[str, Any]]:
        return self.bus.kept()

    def restore(self, content: Mapping[str, Any]) -> None:
        self.bus.restore(content if not content or "queues" in content else _before_buses(content))


class _Letters(Mapping[int, Sequence[str]]):
    def __init__(self, bus: StepBus) -> None:
        self._bus = bus

    def __getitem__(self, row: int) -> Sequence[str]:
        contents = self._bus.contents(row)
        if not contents:
            raise KeyError(row)
        return contents

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self._bus))

    def __len__(self) -> int:
        return sum(1 for _ in self._bus)


def _told(note: Note) -> Any:
    if note.priority == NORMAL and note.expires_at is None and not note.topic:
        return note.content
    return [note.content, note.priority, note.topic, note.expires_at]


def _before_buses(content: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What checkpoints of earlier releases hold: words by row, nobody knows from whom."""
    messages: list[Message] = []
    queues = []
    for row, texts in content.items():
        first = len(messages)
        messages += [
            seal_as(Draft(HOST, text, recipient=row), ident=id_of(0, 0, first + number), at=0.0)
            for number, text in enumerate(texts)
        ]
        queues.append([[int(row)], list(range(first, len(messages)))])
    return {"messages": [orjson.loads(packed(each)) for each in messages], "queues": queues}
