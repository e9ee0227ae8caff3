"""What the pages and the API show of real runs: nothing, or what many did."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.evidence.models import ENOUGH_WORKSPACES, Cell
from marketplace.models import ListingVersion


@dataclass(frozen=True, slots=True)
class OfModel:
    """Runs on one model, or (`model` empty) on all others. Cost in US dollars, time in seconds, the rate from 0 to 1."""

    model: str
    runs: int
    workspaces: int
    success_rate: float
    cost_median: float
    cost_p95: float
    seconds_median: float
    seconds_p95: float
    tokens_median: float
    tokens_p95: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one version. `usual` is the model with most runs; `models` holds it and the others."""

    runs: int
    success_rate: float
    usual: OfModel
    models: tuple[OfModel, ...]


def figures(version: ListingVersion) -> Figures | None:
    """None where there are not 20 runs of 5 workspaces to speak of."""
    cells = list(Cell.objects.filter(version=version, is_shown=True).order_by("-runs", "model"))
    if not cells:
        return None
    models = tuple(_of(cell) for cell in cells)
    runs = sum(cell.runs for cell in cells)
    rate = sum(cell.succeeded for cell in cells) / runs
    return Figures(runs=runs, success_rate=round(rate, 2), usual=models[0], models=models)


def in_workspaces(number: int) -> str:
    """How many workspaces use something, in words that tell nothing about few."""
    return f"{number} workspaces" if number >= ENOUGH_WORKSPACES else f"fewer than {ENOUGH_WORKSPACES} workspaces"


def _of(cell: Cell) -> OfModel:
    return OfModel(
        model=cell.model,
        runs=cell.runs,
        workspaces=cell.workspaces,
        success_rate=round(cell.succeeded / cell.runs, 2),
        cost_median=cell.cost_median,
        cost_p95=cell.cost_p95,
        seconds_median=cell.seconds_median,
        seconds_p95=cell.seconds_p95,
        tokens_median=cell.tokens_median,
        tokens_p95=cell.tokens_p95,
    )
