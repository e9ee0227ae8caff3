"""Where a replay left the recorded play: in which step, which agent, which field."""

from __future__ import annotations

from simulations.engine.checkpoints import Checkpoint as Packed
from simulations.engine.recording import Mismatch, first_difference
from simulations.execution.building import Built
from simulations.models import Checkpoint

PREFIX = "column "


def difference(built: Built, step: int, recorded: str) -> str:
    """A sentence; it names an agent where the recorded play kept a checkpoint of this step."""
    engine = built.engine
    kept = Checkpoint.objects.filter(simulation=built.recorded, step=step).values_list("body", flat=True).first()
    found = None
    if kept is not None:
        columns = Packed.unpack(bytes(kept)).columns
        then = {name.removeprefix(PREFIX): values for name, values in columns.items() if name.startswith(PREFIX)}
        found = first_difference(step, then, engine.columns)
    return (found or Mismatch(step, recorded, engine.digest)).sentence
