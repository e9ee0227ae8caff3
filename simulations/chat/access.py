"""From an outside id to a conversation; a play of a model is none."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from simulations.access import get_scenario, get_simulation
from simulations.chat.spec import ChatSpec, read_chat
from simulations.models import Scenario, Simulation
from tenants.access import Member
from tenants.errors import NotFound

FAMILY = "chat"


class Defined(Protocol):
    """A scenario of a workspace, or a play of one."""

    definition: Any


def is_conversation(defined: Defined) -> bool:
    """Whether it is talked instead of played."""
    spec = defined.definition.get("spec") if defined.definition else None
    return isinstance(spec, dict) and spec.get("family") == FAMILY


def get_conversation(member: Member, simulation_id: UUID) -> Simulation:
    found = get_simulation(member, simulation_id)
    if not is_conversation(found):
        raise NotFound("This simulation is played by a model; it cannot be talked with.")
    return found


def get_chat_scenario(member: Member, scenario_id: UUID) -> Scenario:
    found = get_scenario(member, scenario_id)
    if not is_conversation(found):
        raise NotFound("This scenario is played by a model; it cannot be talked with.")
    return found


def spec_of(simulation: Simulation) -> ChatSpec:
    return read_chat(simulation.definition["spec"])
