"""The run of a point: a play like any other."""

from __future__ import annotations

from copy import copy

from simulations.models import Scenario, Simulation
from simulations.services import Settings, create_simulation
from simulations.sweeps.models import Point, Sweep
from tenants.access import Member
from tenants.errors import NotFound


def begin(sweep: Sweep, point: Point, *, by: Member) -> Simulation:
    """Create the play and hand it to the workers. Raises what a person would be told who began it by hand."""
    settings = Settings(
        parameters=point.cell.parameters,
        seed=point.seed,
        policy=sweep.assign or sweep.policy,
        model=sweep.model,
        budget=sweep.budget,
        steps=sweep.steps,
        title=f"{sweep.title}, run {point.number + 1}",
    )
    scenario = scenario_of(sweep, point)
    return create_simulation(scenario=scenario, settings=settings, start=True, by=by, one_of_many=True)


def scenario_of(sweep: Sweep, point: Point) -> Scenario:
    """The sweep's scenario, with the changed manifest where the point is of a variant; never saved."""
    if sweep.scenario is None:
        raise NotFound("The scenario of this sweep was removed from the workspace.")
    if point.cell.definition is None:
        return sweep.scenario
    variant = copy(sweep.scenario)
    variant.definition = point.cell.definition
    return variant
