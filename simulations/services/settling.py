"""What a play may be given, held against its scenario and against the limits of this installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulations.engine.errors import ParametersRefused
from simulations.engine.parameters import Value, settle_parameters
from simulations.engine.spec import ScenarioSpec
from simulations.engine.world.founding import TooLarge, population
from tenants.errors import FieldError, Invalid

MOST_STEPS = 5_000
MOST_WORK = 10_000_000
MOST_PACE = 60.0
MOST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a play shall go; what is None comes from the scenario, an empty seed from chance."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    policy: str | None = None
    steps: int | None = None
    pace: float = 0.0
    title: str = ""


def settle(
    spec: ScenarioSpec, defaults: Mapping[str, Any], settings: Settings, steps: int, policy: str
) -> dict[str, Value]:
    """The complete parameters, after every limit was checked."""
    parameters = parameters_in(spec, {**defaults, **settings.parameters})
    if policy not in spec.policies:
        offered = ", ".join(spec.policies)
        raise refused("policy", "unknown", f"{spec.name} offers these policies: {offered}; not {policy!r}.")
    check_pace(settings.pace)
    if settings.seed is not None and not 0 <= settings.seed <= MOST_SEED:
        raise refused("seed", "out_of_range", f"The seed must be between 0 and {MOST_SEED}.")
    check_steps(steps, agents_of(spec, parameters))
    return parameters


def agents_of(spec: ScenarioSpec, parameters: Mapping[str, Value]) -> int:
    """How many there will be; nothing is made."""
    try:
        return sum(population(spec, parameters).values())
    except TooLarge as found:
        raise refused("parameters", "too_large", found.detail) from None


def parameters_in(spec: ScenarioSpec, given: Mapping[str, Any], where: str = "") -> dict[str, Value]:
    try:
        return settle_parameters(spec.declared(), given)
    except ParametersRefused as found:
        errors = [FieldError(where + refusal.path, refusal.code, refusal.detail) for refusal in found.refusals]
        raise Invalid(found.detail, errors=errors) from None


def check_steps(steps: int, agents: int) -> None:
    if not 1 <= steps <= MOST_STEPS:
        raise refused("steps", "out_of_range", f"The number of steps must be between 1 and {MOST_STEPS}.")
    if steps * agents > MOST_WORK:
        most = MOST_WORK // max(agents, 1)
        raise refused(
            "steps", "too_much", f"With {agents} agents at most {most} steps can be played; choose fewer of either."
        )


def check_pace(pace: float) -> None:
    if not 0 <= pace <= MOST_PACE:
        raise refused(
            "pace",
            "out_of_range",
            f"The pace must be between 0 (as fast as possible) and {MOST_PACE:g} steps a second.",
        )


def refused(field_name: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(field_name, code, detail)])
