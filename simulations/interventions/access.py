"""From an id to a seat, and from an agent to the question that waits for it."""

from __future__ import annotations

from uuid import UUID

from simulations.interventions.waiting import Question, questions_of
from simulations.models import Seat, Simulation
from tenants.errors import NotFound


def get_seat(simulation: Simulation, seat_id: UUID) -> Seat:
    found = Seat.objects.filter(pk=seat_id, simulation=simulation, left_at=None).first()
    if found is None:
        raise NotFound("There is no such seat in this simulation.")
    return found


def get_question(simulation: Simulation, agent: int) -> Question:
    found = next((each for each in questions_of(simulation) if each.agent == agent), None)
    if found is None:
        raise NotFound(f"Nobody is asked to decide for agent {agent} now.")
    return found
