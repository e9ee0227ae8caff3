"""Two plays side by side, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from simulations.models import Frame, Simulation

MOST_STEPS = 1_000
Numbers = dict[str, float]


@dataclass(frozen=True, slots=True)
class Pair:
    """One metric of both; None where a play has no such step or no such metric."""

    name: str
    mine: list[float | None]
    theirs: list[float | None]


@dataclass(frozen=True, slots=True)
class Beside:
    """`steps` are those of the lists. `apart_from` is the first step at which the digests differ; None where none does."""

    mine: UUID
    theirs: UUID
    steps: list[int]
    apart_from: int | None
    metrics: list[Pair]


def beside(mine: Simulation, theirs: Simulation) -> Beside:
    """At most 1,000 steps, evenly spread, the last one among them."""
    digests = _digests(mine), _digests(theirs)
    steps = _spread(sorted(digests[0].keys() | digests[1].keys()))
    ours, others = _metrics(mine, steps), _metrics(theirs, steps)
    names = dict.fromkeys(name for found in (ours, others) for values in found.values() for name in values)
    shared = sorted(digests[0].keys() & digests[1].keys())
    apart = next((step for step in shared if digests[0][step] != digests[1][step]), None)
    pairs = [Pair(name, _column(ours, steps, name), _column(others, steps, name)) for name in names]
    return Beside(mine.pk, theirs.pk, steps, apart, pairs)


def _digests(simulation: Simulation) -> dict[int, str]:
    pictured = Frame.objects.filter(simulation=simulation).exclude(kind=Frame.Kind.STATUS)
    return dict(pictured.values_list("step", "digest"))


def _metrics(simulation: Simulation, steps: list[int]) -> dict[int, Numbers]:
    pictured = Frame.objects.filter(simulation=simulation, step__in=steps).exclude(kind=Frame.Kind.STATUS)
    return dict(pictured.values_list("step", "metrics"))


def _column(found: dict[int, Numbers], steps: list[int], name: str) -> list[float | None]:
    return [found.get(step, {}).get(name) for step in steps]


def _spread(steps: list[int]) -> list[int]:
    if len(steps) <= MOST_STEPS:
        return steps
    apart = (len(steps) - 1) / (MOST_STEPS - 1)
    return [steps[round(place * apart)] for place in range(MOST_STEPS)]
