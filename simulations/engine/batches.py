"""What many agents of one kind see at the same time, and what each of them may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from simulations.engine.decisions import Word
from simulations.engine.randomness import Ints

Fields = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Batch:
    """n agents of one archetype before they decide.

    `fields` are the declared observations in their order, n values each, as the key and a model see them (binned,
    rounded); a field in `words` holds positions in its words. Bit i of `legal` (n) says that `actions[i]` is possible.
    """

    archetype: str
    rows: Ints
    fields: Fields
    actions: tuple[str, ...]
    legal: Ints
    step: int = 0
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def observation(self, at: int) -> dict[str, Word]:
        """What one of them sees, in plain values and words."""
        seen: dict[str, Word] = {name: values[at].item() for name, values in self.fields.items()}
        return seen | {name: words[int(seen[name])] for name, words in self.words.items()}

    def legal_at(self, at: int) -> tuple[str, ...]:
        """The names of the actions that one of them may choose."""
        return actions_of(self.actions, int(self.legal[at]))


def actions_of(actions: tuple[str, ...], mask: int) -> tuple[str, ...]:
    """Those whose bit is set."""
    return tuple(name for bit, name in enumerate(actions) if mask >> bit & 1)
