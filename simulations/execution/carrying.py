"""One turn of a worker: take the play, play, hand it back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from projects.faults.models import Category
from projects.work.leases import Ending, Lease
from projects.work.threads import loop_of_thread
from simulations import access
from simulations.engine.errors import SimulationError
from simulations.execution import troubles
from simulations.execution.branching import prepare
from simulations.execution.building import built_for
from simulations.execution.ending import give_up, stopped_by_the_market
from simulations.execution.player import Player
from simulations.models import Simulation
from tenants.errors import Unavailable

Status = Simulation.Status


def run(lease: Lease) -> Ending:
    """Play until the simulation rests, ends or is taken away; after 30 s give others a turn."""
    simulation = begin(lease)
    if simulation is None:
        return "done"
    loop = loop_of_thread()
    try:
        simulation = prepare(simulation, loop)
        built = built_for(simulation, lease)
        try:
            return Player(lease, simulation, built, loop).play()
        finally:
            loop.run(built.close())
    except (SimulationError, Unavailable) as refusal:
        give_up(lease.object_id, refusal.detail, Category.DATA)
        return "done"


@transaction.atomic
def begin(lease: Lease) -> Simulation | None:
    """The play, ours from now on; one that waited for a person whose time is over goes on."""
    simulation = access.lock(lease.object_id)
    if simulation.status == Status.PAUSED and simulation.waiting:
        simulation.move_to(Status.RUNNING)
    if simulation.status != Status.RUNNING or stopped_by_the_market(simulation):
        return None
    simulation.fence = lease.fence
    simulation.started_at = simulation.started_at or timezone.now()
    simulation.save(update_fields=["fence", "started_at", "status", "updated_at"])
    if lease.crashes:
        troubles.worker_lost(simulation)
    return simulation
