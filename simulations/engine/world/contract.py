"""What the engine asks of a world, declared or written in Python."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from agents.protocol.steps.recent import Said
from simulations.engine.batches import Batch
from simulations.engine.decisions import Choices
from simulations.engine.parameters import Value
from simulations.engine.randomness import Chance, Ints
from simulations.engine.spaces import Space
from simulations.engine.state import UnifiedStateManager
from simulations.engine.world.observing import Eyes

Metrics = Mapping[str, float]
Args = Mapping[str, Any]
NOTHING = -1
"""The code of an agent that does nothing."""


@dataclass(frozen=True, slots=True)
class Round:
    """Some agents act: at the same time, or one after the other in this order (`in_turn`); then a row may come again."""

    order: Ints
    in_turn: bool = False
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Roll:
    """The agents of one archetype: how many there were at the beginning, and from which row on."""

    name: str
    label: str
    first: int
    count: int


class World(Protocol):
    """One play of a scenario: where agents are, what they see, and what their actions do."""

    space: Space
    settings: dict[str, Value]
    archetypes: tuple[str, ...]
    actions: tuple[str, ...]
    eyes: tuple[Eyes, ...]
    rolls: tuple[Roll, ...]

    @property
    def state(self) -> UnifiedStateManager: ...

    def begin(self, step: int, chance: Chance) -> None:
        """A step begins: what happens before anybody acts."""
        ...

    def rounds(self) -> Sequence[Round]:
        """Who acts in this step, in which order. Each is asked for after the one before it is over."""
        ...

    def archetype_of(self, rows: Ints) -> Ints:
        """For each row the position of its archetype."""
        ...

    def observe(self, archetype: str, rows: Ints) -> Batch:
        """What these agents see, as the state is now."""
        ...

    def look(self, row: int) -> tuple[tuple[Any, ...], int]:
        """What one agent sees now, in the order of the fields, and its legal actions as bits."""
        ...

    def act_together(self, order: Ints, choices: Mapping[str, tuple[Ints, Choices]]) -> None:
        """All of them at once. `choices` by archetype: its rows, in ascending order, and what each does (-1: nothing)."""
        ...

    def begin_turns(self, order: Ints) -> None:
        """From now on agents act one after the other, and all have just looked."""
        ...

    def must_look_again(self, row: int) -> bool:
        """Whether something that this agent sees may have changed since it looked."""
        ...

    def turns(self, order: Ints) -> Iterator[int]:
        """Rows in the order in which they act, one after the other; by events a row may come again."""
        ...

    def all_must_look_again(self) -> bool:
        """Whether something has changed that everybody sees."""
        ...

    def act_one(self, row: int, action: int, args: Args) -> None:
        """The agent whose turn it is acts (-1: does nothing)."""
        ...

    def end_turns(self) -> None:
        """All have acted."""
        ...

    def end(self) -> Metrics:
        """A step ends: derived values and metrics are brought up to date. Raises MetricRefused."""
        ...

    def measure(self) -> Metrics:
        """The metrics of the beginning."""
        ...

    def finished(self) -> bool:
        """Whether the scenario says that it is over."""
        ...

    def messages(self) -> Mapping[int, Sequence[str]]:
        """What was said to agents and not read yet, by row."""
        ...

    def tell(self, row: int | None, text: str) -> None:
        """Say something to an agent, or to all (None); it is read when they look next."""
        ...

    def said(self) -> Said:
        """What was said, by agents and to them, since this was last asked."""
        ...

    def have_read(self, rows: Ints) -> None:
        """These agents have read what was said to them."""
        ...

    def refusals(self) -> int:
        """How much of what agents chose could not be done since this was last asked (no room, nothing to take)."""
        ...

    def see_only(self, wanted: Mapping[str, Collection[str] | None]) -> None:
        """Observe for each archetype only these fields, as nobody asks for the others (None: all)."""
        ...

    def change(self, name: str, value: Value) -> None:
        """A live parameter is another from now on."""
        ...

    def share(self, name: str, value: float) -> None:
        """`global.<name>` or `pool.<name>` is another from now on; raises KeyError where there is none."""
        ...

    def restored(self, step: int, chance: Chance, metrics: Metrics) -> None:
        """The state is that of a checkpoint, or of the step before: make again what follows from it."""
        ...

    def close(self) -> None:
        """Let go of everything; the world is not used again."""
        ...
