"""What a play may be given, held against its scenario and against the limits of this installation."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulations.engine.errors import ParametersRefused
from simulations.engine.parameters import Value, settle_parameters
from simulations.engine.run_hash import run_hash
from simulations.engine.spec import ScenarioSpec
from simulations.engine.world.counting import TooLarge, population
from simulations.limits import limits
from simulations.models import Scenario
from tenants.errors import FieldError, Invalid

MOST_STEPS = 1_000_000  # of any installation; what this one allows is in its settings
MOST_PACE = 60.0
MOST_SEED = 2**31 - 1
MOST_CALLS, MOST_TOKENS, MOST_USD = 1_000_000, 1_000_000_000, 10_000.0
AFTER_CAP = ("rules", "pause", "stop")
MIXED = "mixed"
Policies = str | Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a play shall go; what is None comes from the scenario, an empty seed from chance.

    `policy` is one for all, or one for each archetype. `budget`: calls, tokens, usd, after_cap (rules, pause, stop).
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    policy: Policies | None = None
    model: str = ""
    budget: Mapping[str, Any] = field(default_factory=dict)
    steps: int | None = None
    pace: float = 0.0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A play that may be begun, with everything that was left open chosen."""

    spec: ScenarioSpec
    parameters: Mapping[str, Value]
    population: Mapping[str, int]
    policy: str
    assign: Mapping[str, str]
    model: str
    budget: Mapping[str, Any]
    seed: int
    steps: int
    pace: float

    @property
    def asks_models(self) -> bool:
        """Whether any of its agents may be decided for by a model."""
        return any(self.spec.asks_models(name) for name in set(self.assign.values()) or {self.policy})

    @property
    def run_hash(self) -> str:
        return run_hash(
            scenario_digest=self.spec.digest,
            parameters=self.parameters,
            seed=self.seed,
            policy=self.policy,
            assign=self.assign,
            model=self.model,
            steps=self.steps,
        )


def settle(spec: ScenarioSpec, scenario: Scenario, settings: Settings) -> Settled:
    """Raises Invalid that names the field, before anything is allocated."""
    check_pace(settings.pace)
    parameters = parameters_in(spec, {**scenario.parameters, **settings.parameters})
    steps = settings.steps or scenario.steps
    policy, assign = policies_in(spec, settings.policy or scenario.policy or {})
    return Settled(
        spec=spec,
        parameters=parameters,
        population=check_size(spec, parameters, steps),
        policy=policy,
        assign=assign,
        model=settings.model,
        budget=budget_in(settings.budget),
        seed=_seed(settings.seed if settings.seed is not None else scenario.seed),
        steps=steps,
        pace=settings.pace,
    )


def parameters_in(spec: ScenarioSpec, given: Mapping[str, Any], where: str = "") -> dict[str, Value]:
    """All parameters of a play, after their bounds were checked. Raises Invalid that names every fault, its path after `where`."""
    try:
        return settle_parameters(spec.declared(), given)
    except ParametersRefused as found:
        errors = [FieldError(where + refusal.path, refusal.code, refusal.detail) for refusal in found.refusals]
        raise Invalid(found.detail, errors=errors) from None


def policies_in(spec: ScenarioSpec, given: Policies) -> tuple[str, dict[str, str]]:
    """(one name for all, {}) or ("mixed", {archetype: name})."""
    if isinstance(given, str):
        _check_policy(spec, given, "policy")
        return given, {}
    for archetype, name in given.items():
        if archetype not in spec.archetypes:
            known = ", ".join(spec.archetypes)
            raise refused(f"policy.{archetype}"[:120], "unknown", f"{spec.name} has these archetypes: {known}.")
        _check_policy(spec, name, f"policy.{archetype}")
    return MIXED, {archetype: given.get(archetype) or spec.policy_of(archetype) for archetype in spec.archetypes}


def _check_policy(spec: ScenarioSpec, name: str, where: str) -> None:
    if name not in spec.policies:
        offered = ", ".join(spec.policies)
        raise refused(where, "unknown", f"{spec.name} offers these policies: {offered}; not {name!r}.")


def check_size(spec: ScenarioSpec, parameters: Mapping[str, Value], steps: int) -> dict[str, int]:
    """How many agents of each archetype there will be."""
    most = limits()
    if not 1 <= steps <= most.steps:
        raise refused("steps", "out_of_range", f"The number of steps must be between 1 and {most.steps:,}.")
    try:
        counts = population(spec, parameters, most)
    except TooLarge as found:
        raise refused("parameters", "too_much", found.detail) from None
    agents = sum(counts.values())
    if steps * agents > most.work:
        detail = f"With {agents:,} agents at most {most.work // agents:,} steps can be played; choose fewer of either."
        raise refused("steps", "too_much", detail)
    return counts


def budget_in(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given and is not null. Raises Invalid with the field."""
    faults = list(_faults(given))
    if faults:
        raise Invalid(faults[0].detail, errors=faults)
    return {name: value for name, value in given.items() if value is not None}


def _faults(given: Mapping[str, Any]) -> Iterator[FieldError]:
    most = {"calls": MOST_CALLS, "tokens": MOST_TOKENS, "usd": MOST_USD}
    for name, value in given.items():
        where = f"budget.{name}"[:120]
        if name == "after_cap":
            if value not in {None, *AFTER_CAP}:
                yield FieldError(where, "choice", f"One of {', '.join(AFTER_CAP)}.")
        elif name not in most:
            yield FieldError(where, "unknown", "A budget has calls, tokens, usd and after_cap.")
        elif value is not None and not _is_amount(value, most[name], whole=name != "usd"):
            yield FieldError(where, "out_of_range", f"A number from 0 to {most[name]:,}, or null for no bound.")


def _is_amount(value: Any, most: float, *, whole: bool) -> bool:
    kinds = (int,) if whole else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value <= most


def _seed(given: int | None) -> int:
    if given is None:
        return secrets.randbelow(MOST_SEED)
    if not 0 <= given <= MOST_SEED:
        raise refused("seed", "out_of_range", f"The seed must be between 0 and {MOST_SEED}.")
    return given


def check_pace(pace: float) -> None:
    if not 0 <= pace <= MOST_PACE:
        detail = f"The pace must be between 0 (as fast as possible) and {MOST_PACE:g} steps a second."
        raise refused("pace", "out_of_range", detail)


def refused(field_name: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(field_name, code, detail)])
