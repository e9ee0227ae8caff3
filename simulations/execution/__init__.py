"""A worker plays a simulation: step after step, stored with a checkpoint in one transaction, until told otherwise.

What was not stored never happened: a worker that dies, or finds the simulation paused, leaves the last stored step,
and the engine comes to the same steps again from there. Answers that were paid for are stored before they are used, so
the same way is gone without asking again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulations.execution.ending import end, give_up, note_status, stopped_by_the_market

if TYPE_CHECKING:
    from projects.work.leases import Ending, Lease

KIND, QUEUE = "simulation", "simulations"

__all__ = ["KIND", "QUEUE", "end", "give_up", "note_status", "run", "stopped_by_the_market", "warm_up"]


def run(lease: Lease) -> Ending:
    """Play until the simulation rests, ends or is taken away. Loads the engine, so that only processes that play hold it."""
    from simulations.execution import carrying  # noqa: PLC0415 - the engine and NumPy take 20 MB

    return carrying.run(lease)


def warm_up() -> None:
    """Load the engine now, so that the first play of a worker does not wait for it."""
    from simulations.execution import carrying  # noqa: F401, PLC0415 - as above
