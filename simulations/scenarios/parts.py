"""Parts of scenarios that no expression can say: `model: <key>` in a manifest names one. They are reviewed with the release."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from simulations.engine.randomness import Chance
from simulations.engine.state import Part
from simulations.engine.world.scene import Scene
from simulations.scenarios.el_farol import ElFarol
from simulations.scenarios.minority_game import MinorityGame


class PythonPart(Part, Protocol):
    """Belongs to the state, and is called at the begin of a step (before derived values) and at its end (before metrics)."""

    def begin(self, scene: Scene) -> None: ...

    def end(self, scene: Scene) -> None: ...


PARTS: Mapping[str, Callable[[Mapping[str, Any], Chance], PythonPart]] = {
    "el-farol": ElFarol,
    "minority-game": MinorityGame,
}
"""Each is built from the settled parameters and the chance of step 0."""
