"""What people did to a play, as the engine has it done."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.engine.interventions import Intervention as Act
from simulations.models import Intervention, Simulation


def acts_of(simulation: Simulation) -> Iterator[Act]:
    """Those that have a step, in their order; answers of people are decisions, not acts."""
    for found in Intervention.objects.filter(simulation=simulation).exclude(step=None).order_by("number"):
        if not isinstance(found.value, dict):
            yield act_of(found)


def act_of(found: Intervention) -> Act:
    return Act(found.step or 0, found.kind, found.target, found.value, found.by)  # type: ignore[arg-type]  # a known kind
