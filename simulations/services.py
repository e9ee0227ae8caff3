"""What may be done with scenarios and simulations."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from projects.work.queue import enqueue, withdraw
from simulations import access
from simulations.engine.errors import ParametersRefused, UnknownPolicy
from simulations.engine.hybrid import policy_of
from simulations.engine.parameters import Value, settle_parameters
from simulations.engine.scenario import Scenario as Definition
from simulations.execution import KIND, QUEUE, end, note_status
from simulations.library import definition_of
from simulations.models import Scenario, Simulation
from simulations.scenarios import catalogue
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import FieldError, Forbidden, Invalid, WrongState
from tenants.provenance import revoked

MOST_STEPS = 5_000
MOST_WORK = 10_000_000
MOST_PACE = 60.0
MOST_SEED = 2**31 - 1
Status = Simulation.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScenario:
    """A scenario of the library with a workspace's own defaults; `source` is publisher/listing@version."""

    key: str
    name: str = ""
    summary: str = ""
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    presets: Sequence[Mapping[str, Any]] = ()
    policy: str = "rule"
    steps: int | None = None
    seed: int | None = None
    source: str = ""
    grants: Sequence[str] | None = None
    manifest_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a play shall go; what is None comes from the scenario, an empty seed from chance."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    policy: str | None = None
    steps: int | None = None
    pace: float = 0.0
    title: str = ""


@transaction.atomic
def add_scenario(*, new: NewScenario, by: Member) -> Scenario:
    """Copy a scenario of the library into the workspace."""
    require_builder(by)
    if new.key not in catalogue():
        raise _refused("key", "unknown", f"There is no scenario {new.key!r}; there are: {', '.join(catalogue())}.")
    definition = definition_of(new.key)
    steps = new.steps or definition.steps
    settings = Settings(parameters=new.parameters, policy=new.policy, steps=steps, seed=new.seed)
    _settle(definition, {}, settings, steps, new.policy)
    for number, preset in enumerate(new.presets):
        _parameters(definition, {**new.parameters, **preset["parameters"]}, f"presets[{number}].")
    scenario = Scenario.objects.create(
        key=new.key,
        name=new.name or definition.name,
        summary=new.summary or definition.summary,
        description=new.description or definition.description,
        parameters=dict(new.parameters),
        presets=[dict(preset) for preset in new.presets] or _library_presets(definition),
        policy=new.policy,
        steps=steps,
        seed=new.seed,
        source=new.source,
        grants=None if new.grants is None else sorted(new.grants),
        manifest_digest=new.manifest_digest,
    )
    audit.record("scenario.added", scenario, by=by, key=new.key, source=new.source)
    return scenario


def _library_presets(definition: Definition) -> list[dict[str, Any]]:
    return [
        {"name": preset.key, "title": preset.label, "description": "", "parameters": dict(preset.parameters)}
        for preset in definition.presets
    ]


@transaction.atomic
def change_scenario(*, scenario: Scenario, changes: Mapping[str, Any], by: Member) -> Scenario:
    """Change the words or the defaults of a scenario; plays that began keep theirs."""
    require_builder(by)
    for name, value in changes.items():
        setattr(scenario, name, value)
    defaults = Settings(parameters=scenario.parameters, seed=scenario.seed)
    _settle(definition_of(scenario.key), {}, defaults, scenario.steps, scenario.policy)
    scenario.save(update_fields=[*changes, "updated_at"])
    audit.record("scenario.changed", scenario, by=by, fields=sorted(changes))
    return scenario


@transaction.atomic
def remove_scenario(*, scenario: Scenario, by: Member) -> None:
    """Take a scenario out of the workspace. Its plays stay, with all that they need."""
    require_builder(by)
    audit.record("scenario.removed", scenario, by=by)
    scenario.delete()


@transaction.atomic
def create_simulation(*, scenario: Scenario, settings: Settings, start: bool, by: Member) -> Simulation:
    """Prepare a play, and with `start` hand it to a worker."""
    require_builder(by)
    definition = definition_of(scenario.key)
    steps, policy = settings.steps or scenario.steps, settings.policy or scenario.policy
    _require_leave(scenario, policy)
    parameters = _settle(definition, scenario.parameters, settings, steps, policy)
    seed = settings.seed if settings.seed is not None else scenario.seed
    seed = secrets.randbelow(MOST_SEED) if seed is None else seed
    simulation = Simulation.objects.create(
        scenario=scenario,
        key=scenario.key,
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


def _require_leave(scenario: Scenario, policy: str) -> None:
    """Refuse what was not granted when the scenario was installed, and what the marketplace has blocked since."""
    revoked.refuse_hard([scenario.manifest_digest] if scenario.manifest_digest else [])
    if scenario.grants is None:
        return
    asks_models = policy != "rule" and not any(code.startswith("model:") for code in scenario.grants)
    if "compute" not in scenario.grants:
        raise Forbidden(
            "It was installed without the permission to use processor time of the workers.", code="permission"
        )
    if asks_models:
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
    _check_pace(pace)
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


def _settle(
    definition: Definition, defaults: Mapping[str, Any], settings: Settings, steps: int, policy: str
) -> dict[str, Value]:
    """The complete parameters, after every limit was checked."""
    parameters = _parameters(definition, {**defaults, **settings.parameters})
    try:
        policy_of(definition, policy)
    except UnknownPolicy as refusal:
        raise _refused("policy", "unknown", refusal.detail) from None
    _check_pace(settings.pace)
    if settings.seed is not None and not 0 <= settings.seed <= MOST_SEED:
        raise _refused("seed", "out_of_range", f"The seed must be between 0 and {MOST_SEED}.")
    _check_steps(steps, definition.population(parameters))
    return parameters


def _parameters(definition: Definition, given: Mapping[str, Any], where: str = "") -> dict[str, Value]:
    try:
        return settle_parameters(definition.parameters, given)
    except ParametersRefused as refused:
        errors = [FieldError(where + refusal.path, refusal.code, refusal.detail) for refusal in refused.refusals]
        raise Invalid(refused.detail, errors=errors) from None


def _check_steps(steps: int, agents: int) -> None:
    if not 1 <= steps <= MOST_STEPS:
        raise _refused("steps", "out_of_range", f"The number of steps must be between 1 and {MOST_STEPS}.")
    if steps * agents > MOST_WORK:
        most = MOST_WORK // agents
        raise _refused(
            "steps", "too_much", f"With {agents} agents at most {most} steps can be played; choose fewer of either."
        )


def _check_pace(pace: float) -> None:
    if not 0 <= pace <= MOST_PACE:
        raise _refused(
            "pace",
            "out_of_range",
            f"The pace must be between 0 (as fast as possible) and {MOST_PACE:g} steps a second.",
        )


def _refused(field_name: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(field_name, code, detail)])
