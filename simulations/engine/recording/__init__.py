"""What a play leaves behind so that it can be gone through again: decisions, interventions, digests."""

from simulations.engine.recording.decision_log import DecisionLog, Entry
from simulations.engine.recording.intervention_log import InterventionLog
from simulations.engine.recording.lines import Record, RecordRefused, read_lines, write_lines
from simulations.engine.recording.recorded import Recorded, ReplayPolicy, UnknownDecision
from simulations.engine.recording.replaying import Mismatch, Replay, first_difference

__all__ = [
    "DecisionLog",
    "Entry",
    "InterventionLog",
    "Mismatch",
    "Record",
    "RecordRefused",
    "Recorded",
    "Replay",
    "ReplayPolicy",
    "UnknownDecision",
    "first_difference",
    "read_lines",
    "write_lines",
]
