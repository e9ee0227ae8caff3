"""What may be done with plays: begin, go on, rest, end, go away."""

from __future__ import annotations

import secrets

from django.db import transaction

from projects.work.queue import enqueue, withdraw
from simulations import access
from simulations.execution import KIND, QUEUE, end, note_status
from simulations.library import definition_of
from simulations.models import Scenario, Simulation
from simulations.services.settling import MOST_SEED, Settings, check_pace, settle
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Forbidden, WrongState
from tenants.provenance import revoked

Status = Simulation.Status


@transaction.atomic
def create_simulation(*, scenario: Scenario, settings: Settings, start: bool, by: Member) -> Simulation:
    """Prepare a play, and with `start` hand it to a worker."""
    require_builder(by)
    spec = definition_of(scenario)
    steps, policy = settings.steps or scenario.steps, settings.policy or scenario.policy
    _require_leave(scenario, asks_models=spec.asks_models(policy))
    parameters = settle(spec, scenario.parameters, settings, steps, policy)
    seed = settings.seed if settings.seed is not None else scenario.seed
    seed = secrets.randbelow(MOST_SEED) if seed is None else seed
    simulation = Simulation.objects.create(
        scenario=scenario,
        key=scenario.key,
        definition=scenario.definition,
        title=settings.title or f"{scenario.name}, seed {seed}",
        seed=seed,
        parameters=parameters,
        policy=policy,
        steps=steps,
        until=steps,
        pace=settings.pace,
        manifest_digests=[scenario.manifest_digest] if scenario.manifest_digest else [],
        started_by_id=by.user_id,
        started_by=by.name or by.email,
    )
    audit.record("simulation.created", simulation, by=by, scenario=scenario.key)
    return resume_simulation(simulation=simulation, by=by) if start else simulation


def _require_leave(scenario: Scenario, *, asks_models: bool) -> None:
    """Refuse what was not granted when the scenario was installed, and what the marketplace has blocked since."""
    revoked.refuse_hard([scenario.manifest_digest] if scenario.manifest_digest else [])
    if scenario.grants is None:
        return
    if "compute" not in scenario.grants:
        raise Forbidden(
            "It was installed without the permission to use processor time of the workers.", code="permission"
        )
    if asks_models and not any(code.startswith("model:") for code in scenario.grants):
        detail = "It was installed without a permission to call a language model; play it by its rules."
        raise Forbidden(detail, code="permission")


@transaction.atomic
def resume_simulation(*, simulation: Simulation, by: Member) -> Simulation:
    """Play on to the last step; also starts one that is ready."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
    if simulation.status == Status.RUNNING and simulation.until == simulation.steps:
        raise WrongState("This simulation is running already.")
    return _play(simulation, until=simulation.steps, action="simulation.resumed", by=by)


@transaction.atomic
def step_simulation(*, simulation: Simulation, by: Member) -> Simulation:
    """Play one step and rest; while it does, one more."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
    if simulation.status == Status.RUNNING and simulation.until == simulation.steps:
        raise WrongState("This simulation is running; pause it to go step by step.")
    base = simulation.until if simulation.status == Status.RUNNING else simulation.step
    return _play(simulation, until=min(base + 1, simulation.steps), action="simulation.stepped", by=by)


def _play(simulation: Simulation, *, until: int, action: str, by: Member) -> Simulation:
    revoked.refuse_hard(simulation.manifest_digests)
    if simulation.status != Status.RUNNING:
        simulation.move_to(Status.RUNNING)
        simulation.fence = 0  # a worker that has not noticed the pause yet may hold steps that nobody asked for
    simulation.until = until
    note_status(simulation, "until", "fence")
    enqueue(kind=KIND, object_id=simulation.pk, queue=QUEUE)
    audit.record(action, simulation, by=by, step=simulation.step)
    return simulation


def go_on(simulation: Simulation) -> None:
    """Play on to where it was to rest, after what it waited for has come; the caller has locked the row."""
    simulation.move_to(Status.RUNNING)
    simulation.fence = 0
    note_status(simulation, "fence")
    enqueue(kind=KIND, object_id=simulation.pk, queue=QUEUE)


@transaction.atomic
def pause_simulation(*, simulation: Simulation, by: Member) -> Simulation:
    """Rest at the last stored step. No worker is held meanwhile."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
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
    audit.record("simulation.deleted", simulation, by=by)
    simulation.delete()
