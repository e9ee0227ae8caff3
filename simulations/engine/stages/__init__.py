"""One step, stage by stage: schedule → observe → route → key → decide → validate → resolve → act → record → publish.

Each stage is a small object with a name, is timed, and may be replaced in the tuple that an engine is given.
"""

from simulations.engine.stages.acting import Act
from simulations.engine.stages.asking import Key, Observe, Route, Schedule
from simulations.engine.stages.closing import Publish, Record
from simulations.engine.stages.deciding import Decide, Resolve, Validate
from simulations.engine.stages.turn import Group, Stage, Turn

STAGES: tuple[Stage, ...] = (
    Schedule(),
    Observe(),
    Route(),
    Key(),
    Decide(),
    Validate(),
    Resolve(),
    Act(),
    Record(),
    Publish(),
)

__all__ = [
    "STAGES",
    "Act",
    "Decide",
    "Group",
    "Key",
    "Observe",
    "Publish",
    "Record",
    "Resolve",
    "Route",
    "Schedule",
    "Stage",
    "Turn",
    "Validate",
]
