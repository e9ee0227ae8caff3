"""From an outside id to a conversation; a play of a model is none."""

from __future__ import annotations

from uuid import UUID

from simulations.access import get_simulation
from simulations.chat.spec import ChatSpec, read_chat
from simulations.models import Simulation
from tenants.access import Member
from tenants.errors import NotFound

FAMILY = "chat"


def is_conversation(simulation: Simulation) -> bool:
    return bool(simulation.definition.get("family") == FAMILY)


def get_conversation(member: Member, simulation_id: UUID) -> Simulation:
    found = get_simulation(member, simulation_id)
    if not is_conversation(found):
        raise NotFound("This simulation is played by a model; it cannot be talked with.")
    return found


def spec_of(simulation: Simulation) -> ChatSpec:
    return read_chat(simulation.definition)
