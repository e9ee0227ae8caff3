"""All checks of a scenario, in the order of its sections."""

from __future__ import annotations

from simulations.engine.spec.checks.acting import check_actions
from simulations.engine.spec.checks.agents import check_archetypes, check_observations
from simulations.engine.spec.checks.deciding import check_policies
from simulations.engine.spec.checks.measuring import check_metrics, check_views
from simulations.engine.spec.checks.promising import check_promises
from simulations.engine.spec.checks.settings import check_names, check_settings
from simulations.engine.spec.checks.sizes import check_sizes
from simulations.engine.spec.checks.surroundings import check_environment, check_time
from simulations.engine.spec.faults import Fault, Faults
from simulations.engine.spec.limits import Limits
from simulations.engine.spec.scenario import AbmSpec
from simulations.engine.spec.scopes import Scopes

CHECKS = (
    check_names, check_settings, check_environment, check_time, check_archetypes, check_observations, check_actions,
    check_policies, check_metrics, check_views,
)  # fmt: skip


def check(spec: AbmSpec, limits: Limits) -> list[Fault]:
    """Every fault, with its path from the top of the document."""
    faults = Faults([], ("spec",))
    scopes = Scopes(spec)
    for each in CHECKS:
        each(faults, scopes)
    check_sizes(faults, scopes, limits)
    check_promises(faults, scopes, limits)
    return faults.found
