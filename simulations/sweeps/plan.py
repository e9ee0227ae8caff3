"""Which runs a sweep is made of, worked out before anything is made. Knows nothing of Django."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from simulations.engine.errors import ParametersRefused, Refusal
from simulations.engine.parameters import Parameter, Value, settle_parameters
from simulations.engine.spec.promises import Sampled, Sweep

MOST_SEED = 2**31 - 1
MOST_VALUE = 1e12


@dataclass(frozen=True, slots=True)
class Plan:
    """`cells` are distinct sets of complete parameters, each played with every one of the distinct `seeds`.

    The same seeds everywhere: what differs between two cells is then not the luck of the draw (common random numbers).
    `axes` are the parameters whose values differ.
    """

    cells: tuple[Mapping[str, Value], ...]
    seeds: tuple[int, ...]
    axes: tuple[str, ...]

    @property
    def runs(self) -> int:
        return len(self.cells) * len(self.seeds)


def plan_sweep(
    design: Sweep, *, declared: Sequence[Parameter], base: Mapping[str, Any], first_seed: int, most_runs: int
) -> Plan:
    """The plan of a design over `base` parameters. Raises ParametersRefused, with every fault at once.

    How many runs that would be is asked first, so that nothing is enumerated that is too much.
    """
    _check_size(design, most_runs)
    if not 0 <= first_seed <= MOST_SEED - design.seeds:
        detail = f"The first seed must be between 0 and {MOST_SEED - design.seeds:,}."
        raise ParametersRefused([Refusal("first_seed", "out_of_range", detail)])
    _check_ranges(design)
    cells = _distinct(_settled(design, declared, base, first_seed))
    axes = tuple(name for name in cells[0] if len({cell[name] for cell in cells}) > 1)
    return Plan(cells, tuple(range(first_seed, first_seed + design.seeds)), axes)


def _check_size(design: Sweep, most_runs: int) -> None:
    chosen = sum(each is not None for each in (design.grid, design.list, design.latin_hypercube, design.sobol))
    if chosen > 1:
        detail = "A sweep is one of grid, list, latin_hypercube and sobol."
        raise ParametersRefused([Refusal("sweep", "ambiguous", detail)])
    runs = max(1, design.points) * design.seeds
    if runs > most_runs:
        detail = f"This sweep would be {runs:,} runs; at most {most_runs:,} may be asked for at once."
        raise ParametersRefused([Refusal("sweep", "too_many_runs", detail)])


def _check_ranges(design: Sweep) -> None:
    sampled = design.sobol or design.latin_hypercube
    kind = "sobol" if design.sobol else "latin_hypercube"
    for name, ends in (sampled.ranges if sampled else {}).items():
        if not all(abs(end) <= MOST_VALUE for end in ends) or ends[0] > ends[1]:
            detail = f"A range goes from a number to one that is not smaller, both within {MOST_VALUE:,.0f}."
            raise ParametersRefused([Refusal(f"design.{kind}.ranges.{name}", "out_of_range", detail)])


def _settled(
    design: Sweep, declared: Sequence[Parameter], base: Mapping[str, Any], first_seed: int
) -> list[dict[str, Value]]:
    """Every set of parameters held against the scenario; faults are named with the value that has them, each once."""
    cells: list[dict[str, Value]] = []
    faults: dict[str, Refusal] = {}
    for given in _given(design, declared, first_seed):
        try:
            cells.append(settle_parameters(declared, {**base, **given}))
        except ParametersRefused as refused:
            faults |= {refusal.detail: refusal for refusal in refused.refusals}
    if faults:
        raise ParametersRefused([*faults.values()][:20])
    return cells


def _given(design: Sweep, declared: Sequence[Parameter], seed: int) -> Iterator[Mapping[str, Any]]:
    if design.grid is not None:
        yield from (dict(zip(design.grid, values, strict=True)) for values in product(*design.grid.values()))
    elif design.list is not None:
        yield from design.list
    elif design.sobol is not None:
        yield from _stretched(design.sobol, _sobol(design.sobol, seed), declared)
    elif design.latin_hypercube is not None:
        yield from _stretched(design.latin_hypercube, _latin_hypercube(design.latin_hypercube, seed), declared)
    else:
        yield {}


def _sobol(sampled: Sampled, seed: int) -> list[list[float]]:
    """Sobol's sequence, scrambled by the seed (Owen 1998): evenly spread also for few points."""
    from scipy.stats import qmc  # noqa: PLC0415  (a second to import, for few)

    sequence = qmc.Sobol(len(sampled.ranges), scramble=True, rng=seed)
    drawn: list[list[float]] = sequence.random_base2(math.ceil(math.log2(sampled.samples)))[: sampled.samples].tolist()
    return drawn


def _latin_hypercube(sampled: Sampled, seed: int) -> list[list[float]]:
    """Every parameter's range in as many equal parts as there are points, one point in each (McKay et al. 1979)."""
    from scipy.stats import qmc  # noqa: PLC0415

    drawn: list[list[float]] = qmc.LatinHypercube(len(sampled.ranges), rng=seed).random(sampled.samples).tolist()
    return drawn


def _stretched(
    sampled: Sampled, points: Sequence[Sequence[float]], declared: Sequence[Parameter]
) -> Iterator[dict[str, float]]:
    """Points of the unit cube as values of the ranges: whole where the parameter is, else to six digits."""
    whole = {parameter.name for parameter in declared if parameter.kind == "int"}
    for point in points:
        spread = zip(sampled.ranges.items(), point, strict=True)
        values = {name: low + (high - low) * share for (name, (low, high)), share in spread}
        yield {name: round(value) if name in whole else float(f"{value:.6g}") for name, value in values.items()}


def _distinct(cells: Sequence[dict[str, Value]]) -> tuple[dict[str, Value], ...]:
    return tuple({tuple(sorted(cell.items())): cell for cell in cells}.values())
