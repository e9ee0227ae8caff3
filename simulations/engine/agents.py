"""A simulated agent: a row of the state, a policy that decides for it, and in small plays a body in a Mesa model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulations.engine.decisions import DecisionPolicy
from simulations.engine.state import UnifiedStateManager

if TYPE_CHECKING:
    from simulations.engine.mesa_adapter import Bodies


@dataclass(frozen=True, slots=True)
class HybridAgent:
    """Composition, not inheritance: any Mesa agent becomes hybrid by being given a policy. Made when it is asked for."""

    row: int
    archetype: str
    policy: DecisionPolicy
    state: UnifiedStateManager
    bodies: Bodies | None = None

    @property
    def body(self) -> Any:
        """The Mesa agent of this row, in the cell where the row is; None where no bodies were made."""
        return None if self.bodies is None else self.bodies[self.row]

    @property
    def slots(self) -> Mapping[str, Any]:
        """What it has, as plain values; words as positions."""
        found = {column.name: self.state[column.name][self.row].item() for column in self.state.columns}
        return found | {name: self.state.text(name, self.row) for name in self.state.text_names}
