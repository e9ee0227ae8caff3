"""From runs that have ended to the sums of their cells. The caller has locked the sweep."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from simulations.models import Simulation
from simulations.sweeps.models import Cell, Point, Sweep
from simulations.sweeps.statistics import Sums

_RESTS = {Simulation.Status.PAUSED: "It rests: it waits for a person, or its budget is used up."}
_OVER = frozenset({*Simulation.ENDED, Simulation.Status.PAUSED})


def harvest(sweep: Sweep) -> None:
    """Take in every running point whose play is over."""
    running = sweep.points.filter(status=Point.Status.RUNNING).select_related("simulation", "cell")
    cells: dict[int, Cell] = {}
    for point in running.order_by("number"):
        play = point.simulation
        point.cell = cells.setdefault(point.cell_id, point.cell)
        if play is None:
            fail(sweep, point, "Its simulation was deleted.")
        elif play.status == Simulation.Status.COMPLETED:
            take(sweep, point, play, reused=False)
        elif play.status in _OVER:
            count_cost(sweep, point.cell, play)
            fail(sweep, point, play.stop_detail or _RESTS.get(Simulation.Status(play.status), "It was stopped."))


def take(sweep: Sweep, point: Point, play: Simulation, *, reused: bool) -> None:
    """Count a completed play. One that was finished before costs this sweep nothing."""
    point.status, point.simulation, point.is_reused = Point.Status.DONE, play, reused
    point.metrics, point.detail = numbers_in(play.metrics), ""
    point.save(update_fields=["status", "simulation", "is_reused", "metrics", "detail", "updated_at"])
    if not reused:
        count_cost(sweep, point.cell, play)
    add_to_cell(point.cell, point.metrics)
    sweep.done += 1
    sweep.reused += reused


def fail(sweep: Sweep, point: Point, why: str) -> None:
    point.status, point.detail = Point.Status.FAILED, why[:300]
    point.save(update_fields=["status", "detail", "updated_at"])
    point.cell.failed += 1
    point.cell.save(update_fields=["failed", "llm_calls"])
    sweep.failed += 1


def count_cost(sweep: Sweep, cell: Cell, play: Simulation) -> None:
    cell.llm_calls += play.llm_calls
    sweep.llm_calls += play.llm_calls
    sweep.tokens += play.tokens
    sweep.cost += play.cost


def add_to_cell(cell: Cell, metrics: Mapping[str, float]) -> None:
    """One run more; the order in which runs end changes sums in the last digits only."""
    for name, value in metrics.items():
        cell.sums[name] = packed(sums_of(cell, name).add(value))
    cell.done += 1
    cell.save(update_fields=["sums", "done", "llm_calls"])


def sums_of(cell: Cell, metric: str) -> Sums:
    kept = cell.sums.get(metric)
    return Sums() if kept is None else Sums(*kept)


def packed(sums: Sums) -> list[float]:
    return [sums.n, sums.mean, sums.squares, sums.low, sums.high]


def numbers_in(metrics: Mapping[str, Any]) -> dict[str, float]:
    """What can be averaged: numbers that are some."""
    return {
        name: float(value) for name, value in metrics.items() if isinstance(value, int | float) and math.isfinite(value)
    }
