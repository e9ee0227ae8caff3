"""A sweep worked out, and nothing of it stored: which runs, and what they will take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.conf import settings
from pydantic import ValidationError

from simulations.engine.errors import ParametersRefused, Refusal
from simulations.engine.spec import ScenarioRefused, ScenarioSpec, parse_scenario
from simulations.engine.spec.promises import Sweep as Design
from simulations.library import definition_of
from simulations.models import Scenario, Simulation
from simulations.services.settling import Settings, Settled, check_size, settle
from simulations.sweeps.estimating import Estimate, Load, estimate_of
from simulations.sweeps.models import Sweep
from simulations.sweeps.plan import Plan, plan_sweep
from simulations.sweeps.sensitivity import variants_of
from tenants.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSweep:
    """What is asked for. `design`: grid, list, latin_hypercube or sobol, and seeds. What is empty comes from the scenario."""

    design: Mapping[str, Any] = field(default_factory=dict)
    kind: str = Sweep.Kind.PARAMETERS
    parameters: Mapping[str, Any] = field(default_factory=dict)
    first_seed: int | None = None
    policy: str = ""
    model: str = ""
    budget: Mapping[str, Any] = field(default_factory=dict)
    cap_calls: int | None = None
    cap_usd: Decimal | None = None
    steps: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """The scenario as declared (`definition` None), or a variant of it."""

    name: str
    spec: ScenarioSpec
    definition: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Draft:
    """`hashes` are the names of the runs: version by version, cell by cell, seed by seed."""

    plan: Plan
    versions: Sequence[Version]
    settled: Settled
    hashes: Sequence[str]
    estimate: Estimate


def draft(*, scenario: Scenario, new: NewSweep) -> Draft:
    """Raises Invalid, with every fault that was found."""
    spec = definition_of(scenario)
    settled = settle(spec, scenario, _usual(scenario, new))
    _refuse_seats(settled)
    with _in_words():
        plan = plan_sweep(
            _design(new.design),
            declared=spec.declared(),
            base=settled.parameters,
            first_seed=settled.seed,
            most_runs=settings.SWEEPS_MAX_RUNS,
        )
        versions = _versions(spec, new, plan.runs)
    agents = max(sum(check_size(spec, cell, settled.steps).values()) for cell in plan.cells)
    hashes = _names(settled, versions, plan)
    load = Load(
        runs=len(hashes),
        known=_known(hashes),
        cells=len(versions) * len(plan.cells),
        agents=agents,
        steps=settled.steps,
    )
    return Draft(plan, versions, settled, hashes, estimate_of(load, settled, most_calls=_most_calls(new, len(hashes))))


def _names(settled: Settled, versions: Sequence[Version], plan: Plan) -> list[str]:
    return [
        replace(settled, spec=version.spec, parameters=cell, seed=seed).run_hash
        for version in versions
        for cell in plan.cells
        for seed in plan.seeds
    ]


def _usual(scenario: Scenario, new: NewSweep) -> Settings:
    """What all runs have in common, as a play is begun with it."""
    first_seed = new.first_seed if new.first_seed is not None else (scenario.seed or 1)
    return Settings(
        parameters=new.parameters,
        seed=first_seed,
        policy=new.policy or None,
        model=new.model,
        budget=new.budget,
        steps=new.steps,
    )


def _known(hashes: Sequence[str]) -> int:
    """How many of these were played to their end before."""
    finished = Simulation.objects.filter(
        run_hash__in=hashes, status=Simulation.Status.COMPLETED, mode=Simulation.Mode.LIVE
    )
    return finished.values("run_hash").distinct().count()


def _refuse_seats(settled: Settled) -> None:
    chosen = set(settled.assign.values()) or {settled.policy}
    reached = {each for name in chosen for each in settled.spec.reached(name)}
    if any(settled.spec.policies[each].kind == "human" for each in reached):
        detail = "A sweep cannot wait for people; choose a policy without seats."
        raise Invalid(detail, errors=[FieldError("policy", "asks_people", detail)])


def _versions(spec: ScenarioSpec, new: NewSweep, runs: int) -> Sequence[Version]:
    declared = Version("", spec, None)
    if new.kind != Sweep.Kind.SENSITIVITY:
        return (declared,)
    made = variants_of(spec.document())
    if runs * len(made) > settings.SWEEPS_MAX_RUNS:
        detail = f"With {len(made)} variants this would be {runs * len(made):,} runs; at most {settings.SWEEPS_MAX_RUNS:,} may be asked for at once."
        raise ParametersRefused([Refusal("sweep", "too_many_runs", detail)])
    first, *others = made
    changed = [Version(each.name, parse_scenario(each.definition), each.definition) for each in others]
    return (replace(declared, name=first.name), *changed)


def _design(given: Mapping[str, Any]) -> Design:
    try:
        return Design.model_validate(_tuples(given))
    except ValidationError as fault:
        errors = [
            FieldError("design." + ".".join(str(part) for part in each["loc"]), each["type"], each["msg"])
            for each in fault.errors(include_url=False)[:20]
        ]
        raise Invalid(errors[0].detail, errors=errors) from None


def _tuples(given: Any) -> Any:
    """JSON has lists where the design, read strictly, has tuples."""
    if isinstance(given, Mapping):
        return {name: _tuples(value) for name, value in given.items()}
    return tuple(_tuples(value) for value in given) if isinstance(given, list) else given


def _most_calls(new: NewSweep, runs: int) -> int | None:
    each = new.budget.get("calls")
    limits = [limit for limit in (new.cap_calls, None if each is None else each * runs) if limit is not None]
    return min(limits) if limits else None


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn what the engine refuses into what a door answers."""
    try:
        yield
    except ParametersRefused as refused:
        raise Invalid(refused.detail, errors=_errors(refused.refusals)) from None
    except ScenarioRefused as refused:
        raise Invalid(f"A variant is no scenario any more: {refused.detail}") from None


def _errors(refusals: Sequence[Refusal]) -> list[FieldError]:
    return [FieldError(refusal.path, refusal.code, refusal.detail) for refusal in refusals]
