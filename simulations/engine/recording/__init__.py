"""What a play leaves behind so that it can be gone through again: decisions, interventions, digests."""

from simulations.engine.recording.decision_log import DecisionLog, Entry
from simulations.engine.recording.recorded import Recorded, ReplayPolicy, UnknownDecision

__all__ = [
    "DecisionLog",
    "Entry",
    "Recorded",
    "ReplayPolicy",
    "UnknownDecision",
]
