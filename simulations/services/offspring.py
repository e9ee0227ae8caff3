"""What comes after a play: one that goes through its record again, one that leaves it at a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max

from simulations import access
from simulations.engine.spec import ScenarioRefused, ScenarioSpec, parse_scenario
from simulations.interventions.checking import check_injection
from simulations.library import definition_of
from simulations.models import Intervention, Simulation
from simulations.services.beginning import MOST_TITLE, require_leave
from simulations.services.plays import resume_simulation
from simulations.services.settling import Policies, budget_in, check_size, parameters_in, policies_in, refused
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import WrongState
from tenants.ids import uuid7
from tenants.provenance import revoked

MOST_PROMPT = 20_000
Mode = Simulation.Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """What is to be different from step `step` on; what is None or empty stays.

    `prompts` by the name of the policy; `act` is something done at the first step: {kind, target, value}.
    """

    step: int
    parameters: Mapping[str, Any] = field(default_factory=dict)
    policy: Policies | None = None
    model: str | None = None
    prompts: Mapping[str, str] = field(default_factory=dict)
    budget: Mapping[str, Any] | None = None
    act: Mapping[str, Any] | None = None
    steps: int | None = None
    title: str = ""


@transaction.atomic
def replay_simulation(*, simulation: Simulation, start: bool = True, by: Member) -> Simulation:
    """Go through its record again, step by step, and compare. Nobody is asked anything."""
    require_builder(by)
    _require_played(simulation)
    if simulation.mode == Mode.REPLAY:
        raise WrongState("This is a replay itself; replay the play that it goes through.")
    revoked.refuse_hard(simulation.manifest_digests)
    replay = _child(simulation, Mode.REPLAY, f"Replay of {simulation.title}", by, steps=simulation.step)
    replay.save(force_insert=True)
    audit.record("simulation.replayed", replay, by=by, of=str(simulation.pk))
    return resume_simulation(simulation=replay, by=by) if start else replay


@transaction.atomic
def branch_simulation(*, simulation: Simulation, branch: Branch, start: bool = True, by: Member) -> Simulation:
    """Share the first steps with a play, then go another way, on the same random numbers."""
    require_builder(by)
    _require_played(simulation)
    if simulation.mode == Mode.REPLAY:
        raise WrongState("This is a replay; branch from the play that it goes through.")
    revoked.refuse_hard(simulation.manifest_digests)
    steps = branch.steps or simulation.steps
    if not 0 <= branch.step <= simulation.step or branch.step >= steps:
        most = min(simulation.step, steps - 1)
        raise refused("step", "out_of_range", f"A branch may leave this play at a step from 0 to {most}.")
    spec = definition_of(simulation)
    title = branch.title or f"{simulation.title}, branched at step {branch.step}"
    made = _child(_played_by(simulation, branch.step), Mode.BRANCH, title, by, steps=steps)
    made.branched_at = branch.step
    asks = _turn_off(made, spec, branch)
    if simulation.scenario is not None:
        require_leave(simulation.scenario, asks_models=asks)
    made.save(force_insert=True)
    _copy_acts(made)
    if branch.act is not None:
        _act(made, branch.act, by)
    audit.record("simulation.branched", made, by=by, of=str(simulation.pk), step=branch.step)
    return resume_simulation(simulation=made, by=by) if start else made


def _turn_off(made: Simulation, spec: ScenarioSpec, branch: Branch) -> bool:
    """Enter what differs. Whether it may ask models from then on."""
    if branch.parameters:
        made.parameters = parameters_in(spec, {**made.parameters, **branch.parameters}, "overrides.")
    check_size(spec, made.parameters, made.steps)
    if branch.policy is not None:
        made.policy, made.assign = policies_in(spec, branch.policy)
    made.model = made.model if branch.model is None else branch.model
    made.budget = made.budget if branch.budget is None else budget_in(branch.budget)
    _check_prompts(spec, branch.prompts)
    prompts = {**made.overrides.get("prompts", {}), **branch.prompts}
    made.overrides = {"parameters": dict(branch.parameters), "prompts": prompts}
    return any(spec.asks_models(name) for name in set(made.assign.values()) or {made.policy})


def _check_prompts(spec: ScenarioSpec, prompts: Mapping[str, str]) -> None:
    document = spec.document()
    for name, text in prompts.items():
        policy = document["spec"]["policies"].get(name)
        entry = {"llm": "prompt", "crew": "task"}.get(policy["kind"]) if policy else None
        if policy is None or entry is None:
            raise refused(f"prompts.{name}"[:120], "unknown", f"{spec.name} has no policy {name!r} with a prompt.")
        policy[entry] = text
    try:
        parse_scenario(document)
    except ScenarioRefused as found:
        raise refused("prompts", found.problems[0].code, found.problems[0].detail) from None


def _act(made: Simulation, act: Mapping[str, Any], by: Member) -> None:
    """Done at the first step of the branch itself."""
    target, value = check_injection(made, str(act["kind"]), str(act["target"]), act["value"])
    Intervention.objects.create(
        simulation=made,
        number=(made.interventions.aggregate(last=Max("number"))["last"] or 0) + 1,
        step=(made.branched_at or 0) + 1,
        kind=act["kind"],
        target=target,
        value=value,
        by_id=by.user_id,
        by=by.name or by.email,
    )


def _copy_acts(made: Simulation) -> None:
    """What was done to the shared steps belongs to both."""
    acts = list(Intervention.objects.filter(simulation=made.parent, step__lte=made.branched_at))
    for act in acts:
        act.pk, act.simulation = uuid7(), made
    Intervention.objects.bulk_create(acts)


def _played_by(simulation: Simulation, step: int) -> Simulation:
    """Whose own step that is: of a branch's shared ones, that of the play which it left."""
    while simulation.branched_at is not None and step < simulation.branched_at and simulation.parent is not None:
        simulation = simulation.parent
    return simulation


def _require_played(simulation: Simulation) -> None:
    if not simulation.digest:
        raise WrongState("This simulation has not been played yet.")


_INHERITED = (
    "scenario", "key", "definition", "scenario_digest", "parameters", "population", "policy", "assign", "model", "budget", "seed",
    "manifest_digests", "overrides",
)  # fmt: skip


def _child(parent: Simulation, mode: Simulation.Mode, title: str, by: Member, *, steps: int) -> Simulation:
    parent = access.lock(parent.pk)
    return Simulation(
        mode=mode,
        parent=parent,
        title=title[:MOST_TITLE],
        steps=steps,
        until=steps,
        started_by_id=by.user_id,
        started_by=by.name or by.email,
        **{name: getattr(parent, name) for name in _INHERITED},
    )
