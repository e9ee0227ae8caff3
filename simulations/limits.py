"""How large a play may be here, and how many may be played at once: what the operator set, refused in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings

from simulations.engine.spec import Limits
from simulations.models import Simulation
from tenants.errors import Conflict


def limits() -> Limits:
    """Of one play and of one sweep."""
    return Limits(
        agents=settings.SIMULATIONS_MAX_AGENTS,
        steps=settings.SIMULATIONS_MAX_STEPS,
        work=settings.SIMULATIONS_MAX_WORK,
        sweep_runs=settings.SWEEPS_MAX_RUNS,
    )


def refuse_one_more() -> None:
    """Raises Conflict where as many plays run in this workspace as may."""
    most = settings.SIMULATIONS_MAX_CONCURRENT
    running = (
        Simulation.objects.filter(status=Simulation.Status.RUNNING).exclude(definition__spec__family="chat").count()
    )
    if most and running >= most:
        detail = f"{running} simulations are running in this workspace; at most {most} may at once. Pause or stop one."
        raise Conflict(detail, code="too_many")


def agents_in(population: Mapping[str, int]) -> int:
    return sum(population.values())
