"""What a part of a scenario answers that is written in Python."""

from __future__ import annotations

from typing import Protocol

from simulations.engine.state import Part
from simulations.engine.world.scene import Scene


class PythonPart(Part, Protocol):
    """Belongs to the state, and is called at the begin of a step (before derived values) and at its end (before metrics)."""

    def begin(self, scene: Scene) -> None: ...

    def end(self, scene: Scene) -> None: ...
