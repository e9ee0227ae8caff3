"""How many agents there would be, with the parameters as they are and at the ends of their ranges."""

from __future__ import annotations

import math

from simulations.engine.expressions import Expression, ExpressionRefused
from simulations.engine.parameters import Value
from simulations.engine.spec.base import Formula
from simulations.engine.spec.faults import Faults, corners, value_at
from simulations.engine.spec.limits import Limits
from simulations.engine.spec.scopes import Scopes, formula

Counts = dict[str, Expression]


def check_sizes(faults: Faults, scopes: Scopes, limits: Limits) -> None:
    """Of the counts that can be read; what is wrong with the others is told elsewhere."""
    spec = scopes.spec
    read = {name: _readable(each.count, scopes) for name, each in spec.archetypes.items()}
    counts = {name: expression for name, expression in read.items() if expression}
    if spec.time.max_steps > limits.steps:
        faults.at("time", "max_steps").add("too_many", f"A play may have at most {limits.steps:,} steps.")
    used = [name for expression in counts.values() for name in sorted(expression.names)]
    defaults, *others = corners(spec, used)
    if not _fits(faults, scopes, counts, defaults, limits, defaults):
        return
    for parameters in others:
        if not _fits(faults, scopes, counts, parameters, limits, defaults):
            return
    if len(counts) == len(read):
        _check_room(faults, scopes, counts, defaults)


def _readable(text: Formula, scopes: Scopes) -> Expression | None:
    try:
        return formula(text, scopes.settings, "number")
    except ExpressionRefused:
        return None


def _fits(
    faults: Faults,
    scopes: Scopes,
    counts: Counts,
    parameters: dict[str, Value],
    limits: Limits,
    defaults: dict[str, Value],
) -> bool:
    """False, and a fault at the count that is too much, where these parameters make more than may be."""
    changed = {name: value for name, value in parameters.items() if value != defaults[name]}
    where = "With " + ", ".join(f"{name} {value}" for name, value in changed.items()) + " there" if changed else "There"
    total = 0.0
    for archetype, expression in counts.items():
        found = value_at(expression, parameters)
        here = faults.at("archetypes", archetype, "count")
        if found is None or float(found) < 0:
            if changed:
                continue
            here.add("count", "With the default parameters this gives no number of agents that there can be.")
            return False
        total += round(float(found))
        if total > limits.agents:
            here.add("too_many", f"{where} would be {total:,.0f} agents; at most {limits.agents:,} are allowed.")
            return False
    return _fits_work(faults, total, scopes.spec.time.max_steps, limits, where)


def _fits_work(faults: Faults, total: float, steps: int, limits: Limits, where: str) -> bool:
    if total * steps <= limits.work:
        return True
    most = math.floor(limits.work / total)
    detail = (
        f"{where} would be {total:,.0f} agents; {steps:,} steps of them are too much, at most {most:,} can be played."
    )
    faults.at("time", "max_steps").add("too_much", detail)
    return False


def _check_room(faults: Faults, scopes: Scopes, counts: Counts, defaults: dict[str, Value]) -> None:
    """Whether the agents have room on a grid with so many in a cell."""
    environment = scopes.spec.environment
    if environment.space != "grid" or environment.shape is None or environment.capacity is None:
        return
    width, height = (_readable(side, scopes) for side in environment.shape)
    if width is None or height is None:
        return
    cells = float(value_at(width, defaults) or 0) * float(value_at(height, defaults) or 0)
    rooms = cells * environment.capacity
    placed = [name for name, each in scopes.spec.archetypes.items() if each.place != "none"]
    total = sum(round(float(value_at(counts[name], defaults) or 0)) for name in placed)
    if placed and total > rooms:
        detail = f"There would be {total:,} agents and room for {rooms:,.0f} of them."
        faults.at("archetypes", placed[-1], "count").add("no_room", detail)
