"""When a sweep looks at its runs: when one of them ends."""

from __future__ import annotations

from uuid import UUID

from projects.work.queue import enqueue
from simulations.models import Simulation
from simulations.sweeps.models import Point

KIND, QUEUE = "sweep", "simulations"
_FIRST = 8


def play_ended(simulation: Simulation) -> None:
    """In the transaction of its end (or rest): wake the sweeps that wait for it."""
    for sweep_id in Point.objects.filter(simulation=simulation, status=Point.Status.RUNNING).values_list(
        "sweep_id", flat=True
    ):
        wake(sweep_id)


def wake(sweep_id: UUID) -> None:
    """Before other work of the workspace: it takes a moment, and gives others something to do."""
    enqueue(kind=KIND, object_id=sweep_id, queue=QUEUE, priority=_FIRST)
