"""What may be done with plays: go on, rest, end, go away."""

from __future__ import annotations

from django.db import transaction

from projects.work.queue import enqueue, withdraw
from simulations import access
from simulations.chat.access import is_conversation
from simulations.execution import KIND, QUEUE, end, note_status
from simulations.limits import refuse_one_more
from simulations.models import Simulation
from simulations.services.settling import check_pace
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, WrongState
from tenants.provenance import revoked

Status = Simulation.Status


@transaction.atomic
def resume_simulation(*, simulation: Simulation, by: Member, counted: bool = True) -> Simulation:
    """Play on to the last step; also starts one that is ready. `counted`: only so many may run at once in a workspace."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
    if simulation.status == Status.RUNNING and simulation.until == simulation.steps:
        raise WrongState("This simulation is running already.")
    if counted:
        _refuse_one_more(simulation)
    return _play(simulation, until=simulation.steps, action="simulation.resumed", by=by)


@transaction.atomic
def step_simulation(*, simulation: Simulation, by: Member) -> Simulation:
    """Play one step and rest; while it does, one more."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
    if simulation.status == Status.RUNNING and simulation.until == simulation.steps:
        raise WrongState("This simulation is running; pause it to go step by step.")
    _refuse_one_more(simulation)
    base = simulation.until if simulation.status == Status.RUNNING else simulation.step
    return _play(simulation, until=min(base + 1, simulation.steps), action="simulation.stepped", by=by)


def _refuse_one_more(simulation: Simulation) -> None:
    if simulation.status in {Status.READY, Status.PAUSED}:
        refuse_one_more()


def _play(simulation: Simulation, *, until: int, action: str, by: Member) -> Simulation:
    _refuse_conversation(simulation)
    revoked.refuse_hard(simulation.manifest_digests)
    if simulation.status != Status.RUNNING:
        simulation.move_to(Status.RUNNING)
        simulation.fence = 0  # a worker that has not noticed the pause yet may hold steps that nobody asked for
    simulation.until = until
    simulation.stop_reason = simulation.stop_detail = ""
    note_status(simulation, "until", "fence", "stop_reason", "stop_detail")
    enqueue(kind=KIND, object_id=simulation.pk, queue=QUEUE)
    audit.record(action, simulation, by=by, step=simulation.step)
    return simulation


def _refuse_conversation(simulation: Simulation) -> None:
    if is_conversation(simulation):
        raise WrongState("This is a conversation: say something, or complete it.")


def go_on(simulation: Simulation) -> None:
    """Play on to where it was to rest, after what it waited for has come; the caller has locked the row."""
    simulation.move_to(Status.RUNNING)
    simulation.fence = 0
    simulation.stop_reason = simulation.stop_detail = ""
    note_status(simulation, "fence", "stop_reason", "stop_detail")
    enqueue(kind=KIND, object_id=simulation.pk, queue=QUEUE)


@transaction.atomic
def pause_simulation(*, simulation: Simulation, by: Member) -> Simulation:
    """Rest at the last stored step. No worker is held meanwhile."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
    _refuse_conversation(simulation)
    simulation.move_to(Status.PAUSED)
    note_status(simulation)
    withdraw(kind=KIND, object_id=simulation.pk)
    audit.record("simulation.paused", simulation, by=by, step=simulation.step)
    return simulation


@transaction.atomic
def stop_simulation(*, simulation: Simulation, by: Member) -> Simulation:
    """End it at the last stored step, for good."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
    end(simulation, Status.STOPPED, "stopped", f"Stopped by {by.name or by.email} at step {simulation.step}.")
    withdraw(kind=KIND, object_id=simulation.pk)
    audit.record("simulation.stopped", simulation, by=by, step=simulation.step)
    return simulation


@transaction.atomic
def set_pace(*, simulation: Simulation, pace: float, by: Member) -> Simulation:
    """Change how fast it plays, also while it does; 0 is as fast as possible."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
    if simulation.has_ended:
        raise WrongState("This simulation has ended; its pace means nothing any more.")
    check_pace(pace)
    simulation.pace = pace
    note_status(simulation, "pace")
    return simulation


@transaction.atomic
def delete_simulation(*, simulation: Simulation, by: Member) -> None:
    """Delete a play with all its pictures."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
    if simulation.status == Status.RUNNING:
        raise WrongState("This simulation is running; stop it before you delete it.")
    children = simulation.children.count()
    if children:
        detail = f"{children} branches or replays go back to this simulation; delete them first."
        raise Conflict(detail, code="in_use")
    audit.record("simulation.deleted", simulation, by=by)
    simulation.delete()
