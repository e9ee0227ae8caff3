"""What a person may do to a play while it lives. Each act is a row with a number; a worker stamps its step and applies it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from projects.realtime import publish
from simulations import access
from simulations.interventions.access import get_question
from simulations.interventions.checking import check_answer, check_injection, check_seat
from simulations.interventions.waiting import without
from simulations.models import Intervention, Seat, Simulation
from simulations.services import go_on
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, Forbidden, WrongState

MOST_INTERVENTIONS = 1_000
Kind = Intervention.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """`kind` parameter (target: a live parameter), event (target: a name that all share) or message (target: an agent's number)."""

    kind: str
    target: str
    value: Any


@transaction.atomic
def inject(*, simulation: Simulation, given: Injection, by: Member) -> Intervention:
    """Change a live parameter, let something happen, or say something to an agent; it counts from the next step on."""
    require_builder(by)
    simulation = _lock_living(simulation)
    target, value = check_injection(simulation, given.kind, given.target, given.value)
    made = _note(simulation, kind=given.kind, target=target, value=value, by=by)
    audit.record("simulation.injected", simulation, by=by, kind=given.kind, to=given.target)
    return made


@transaction.atomic
def take_seat(*, simulation: Simulation, agent: int, by: Member) -> Seat:
    """Decide for one agent from the next step on, until the seat is left."""
    require_builder(by)
    simulation = _lock_living(simulation)
    archetype = check_seat(simulation, agent)
    taken = Seat.objects.filter(simulation=simulation, agent=agent, left_at=None).first()
    if taken is not None:
        raise Conflict(f"{taken.taken_by} sits in the place of agent {agent} already.", code="taken")
    seat = Seat.objects.create(
        simulation=simulation,
        archetype=archetype,
        agent=agent,
        taken_by_id=by.user_id,
        taken_by=by.name or by.email,
    )
    _note(simulation, kind=Kind.SEAT, target=str(agent), value=True, by=by)
    audit.record("simulation.seat_taken", simulation, by=by, agent=agent)
    return seat


@transaction.atomic
def leave_seat(*, seat: Seat, by: Member) -> None:
    """Let the policy decide again. A question that stands is not waited for any longer."""
    require_builder(by)
    simulation = _lock_living(seat.simulation)
    if not Seat.objects.filter(pk=seat.pk, left_at=None).update(left_at=timezone.now()):
        raise WrongState("This seat was left already.")
    _note(simulation, kind=Kind.SEAT, target=str(seat.agent), value=False, by=by)
    audit.record("simulation.seat_left", simulation, by=by, agent=seat.agent)
    left = [each for each in (simulation.waiting or {}).get("questions", []) if each["agent"] == seat.agent]
    for each in left:
        simulation.waiting = without(simulation.waiting, each["key"])
    if left:
        _go_on(simulation)


@transaction.atomic
def answer_question(
    *, simulation: Simulation, agent: int, action: str, args: Mapping[str, Any] | None = None, by: Member
) -> Intervention:
    """Decide for an agent that the play waits for; with the last answer it goes on by itself."""
    require_builder(by)
    simulation = _lock_living(simulation)
    question = get_question(simulation, agent)
    seat = Seat.objects.filter(simulation=simulation, agent=agent, left_at=None).first()
    if seat is not None and seat.taken_by_id != by.user_id:
        raise Forbidden(f"{seat.taken_by} sits in the place of agent {agent}.", code="taken")
    chosen = check_answer(simulation, question, action, args or {})
    answer = {"key": question.key, "action": action, "args": chosen}
    made = _note(simulation, kind=Kind.SEAT, target=str(agent), value=answer, by=by, step=question.step)
    simulation.waiting = without(simulation.waiting, question.key)
    _go_on(simulation)
    return made


def _go_on(simulation: Simulation) -> None:
    """Keep what is still asked; where nothing is, play on."""
    simulation.save(update_fields=["waiting", "updated_at"])
    if simulation.waiting is None and simulation.status == Simulation.Status.PAUSED:
        go_on(simulation)


def _lock_living(simulation: Simulation) -> Simulation:
    simulation = access.lock(simulation.pk)
    if simulation.has_ended:
        raise WrongState("This simulation has ended; nothing can be done to it any more.")
    if simulation.mode == Simulation.Mode.REPLAY:
        raise WrongState("This is a replay: it plays what was recorded. Branch from it to change something.")
    return simulation


def _note(
    simulation: Simulation, *, kind: str, target: str, value: Any, by: Member, step: int | None = None
) -> Intervention:
    last = simulation.interventions.aggregate(last=Max("number"))["last"] or 0
    if last >= MOST_INTERVENTIONS:
        raise Conflict(f"{MOST_INTERVENTIONS} things were done to this simulation; that is the most.", code="too_many")
    made = Intervention.objects.create(
        simulation=simulation,
        number=last + 1,
        step=step,
        kind=kind,
        target=target,
        value=value,
        by_id=by.user_id,
        by=by.name or by.email,
    )
    transaction.on_commit(partial(_tell, made))
    return made


def _tell(made: Intervention) -> None:
    topic = f"simulation:{made.simulation_id}"
    data = {
        "number": made.number,
        "kind": made.kind,
        "target": made.target,
        "value": made.value,
        "by": made.by,
        "step": made.step,
    }
    publish(
        topic,
        {
            "type": "simulation.intervention",
            "topic": topic,
            "seq": None,
            "timestamp": made.created_at.isoformat(),
            "data": data,
        },
    )
