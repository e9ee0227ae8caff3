"""From an outside id to a row; what is not there, or not theirs, does not exist."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from simulations.models import Scenario, Simulation
from tenants.access import Member
from tenants.errors import NotFound


def scenarios(member: Member) -> QuerySet[Scenario]:
    return Scenario.objects.all()


def simulations(member: Member) -> QuerySet[Simulation]:
    return Simulation.objects.select_related("scenario")


def get_scenario(member: Member, scenario_id: UUID) -> Scenario:
    found = scenarios(member).filter(pk=scenario_id).first()
    if found is None:
        raise NotFound("There is no such scenario in this workspace.")
    return found


def get_simulation(member: Member, simulation_id: UUID) -> Simulation:
    found = simulations(member).filter(pk=simulation_id).first()
    if found is None:
        raise NotFound("There is no such simulation in this workspace.")
    return found


def lock(simulation_id: UUID) -> Simulation:
    """The row, locked until the transaction ends."""
    return Simulation.objects.select_for_update().get(pk=simulation_id)


def watch_simulation(member: Member, simulation_id: str) -> None:
    """The gate of the topic `simulation:<id>`."""
    try:
        get_simulation(member, UUID(simulation_id))
    except ValueError:
        raise NotFound("There is no such simulation in this workspace.") from None
