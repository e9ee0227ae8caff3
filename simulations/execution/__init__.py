"""A worker plays a simulation: step after step, stored with a checkpoint in one transaction, until told otherwise.

What was not stored never happened: a worker that dies, or finds the simulation paused, leaves the last stored step,
and the engine comes to the same steps again from there. Answers that were paid for are stored before they are used, so
the same way is gone without asking again.
"""

from simulations.execution.carrying import run
from simulations.execution.ending import end, give_up, note_status, stopped_by_the_market

KIND, QUEUE = "simulation", "simulations"

__all__ = ["KIND", "QUEUE", "end", "give_up", "note_status", "run", "stopped_by_the_market"]
