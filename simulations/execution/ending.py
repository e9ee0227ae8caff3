"""How a play changes its status, and how it ends."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from projects.faults.models import Category
from simulations import access, endings, recording
from simulations.execution import troubles
from simulations.models import Simulation
from simulations.outcomes import tell_outcome
from tenants.provenance import revoked

Status = Simulation.Status


@transaction.atomic
def give_up(simulation_id: UUID, detail: str, category: Category = Category.INTERNAL) -> None:
    """End a running simulation as failed, in words that a person understands; `category` is the error's in the list of errors."""
    simulation = access.lock(simulation_id)
    if simulation.status == Status.RUNNING:
        fail(simulation, detail, category)


def fail(simulation: Simulation, detail: str, category: Category) -> None:
    """Close as failed a simulation whose row the caller has locked."""
    end(simulation, Status.FAILED, "failed", detail)
    troubles.stopped(simulation, category)


def end(simulation: Simulation, status: Status, reason: str, detail: str) -> None:
    """Close a simulation whose row the caller has locked, and tell whoever watches."""
    simulation.move_to(status)
    simulation.stop_reason, simulation.stop_detail, simulation.finished_at = reason, detail, timezone.now()
    simulation.waiting = None
    note_status(simulation, "stop_reason", "stop_detail", "finished_at", "waiting")
    tell_outcome(simulation)


def rest(simulation: Simulation, reason: str, detail: str) -> None:
    """Pause a simulation whose row the caller has locked, and say why."""
    simulation.move_to(Status.PAUSED)
    simulation.stop_reason, simulation.stop_detail = reason, detail
    note_status(simulation, "stop_reason", "stop_detail", "waiting")


def note_status(simulation: Simulation, *changed: str) -> None:
    """Save a changed status with its numbered message."""
    recording.append(simulation, [recording.status(simulation)])
    simulation.save(update_fields=["status", "last_seq", "updated_at", *changed])
    if simulation.status != Status.RUNNING:
        endings.tell(simulation)


def stopped_by_the_market(simulation: Simulation) -> bool:
    """End it if what it plays was blocked; the caller has locked the row. Asked at every stored step: memory answers."""
    found = revoked.hard(simulation.manifest_digests)
    if found is not None:
        end(simulation, Status.STOPPED, "revoked", found.sentence)
    return found is not None
