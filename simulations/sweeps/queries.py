"""What came out of a sweep, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, Exists, OuterRef, QuerySet

from simulations.sweeps.harvesting import sums_of
from simulations.sweeps.models import Cell, Point, Sweep
from simulations.sweeps.statistics import bootstrap

Method = Literal["t", "bootstrap"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over the finished runs of a cell. `low` … `high` hold its true mean with 95 % confidence; None below two runs.

    `shift`: in a sweep of bins, by how much the mean differs from that of the scenario as declared.
    """

    metric: str
    n: int
    mean: float
    low: float | None
    high: float | None
    least: float
    most: float
    shift: float | None = None


@dataclass(frozen=True, slots=True)
class CellResult:
    """One set of parameters (or variant) and what its runs gave."""

    number: int
    parameters: Mapping[str, Any]
    variant: str
    runs: int
    done: int
    failed: int
    llm_calls: int
    figures: Sequence[Figure]

    def figure(self, metric: str) -> Figure | None:
        return next((each for each in self.figures if each.metric == metric), None)


def sweeps() -> QuerySet[Sweep]:
    return Sweep.objects.select_related("scenario").order_by("-created_at", "-id")


def began_it(sweep: Sweep | None = None) -> Exists:
    """Of a play: whether this sweep began it, or any did. One that a sweep found finished is not its own."""
    points = Point.objects.filter(simulation=OuterRef("pk"), is_reused=False)
    return Exists(points if sweep is None else points.filter(sweep=sweep))


def metrics_of(sweep: Sweep) -> list[str]:
    """The names of all metrics that any cell has, in order."""
    return sorted({name for cell in sweep.cells.all() for name in cell.sums})


def counts(sweep: Sweep) -> dict[str, int]:
    """How many runs there are of each status."""
    found = dict(sweep.points.order_by().values_list("status").annotate(Count("id")))
    return {status: found.get(status, 0) for status in Point.Status.values}


def results(sweep: Sweep, method: Method = "t") -> list[CellResult]:
    """Every cell as far as its runs are done. The bootstrap reads all values, t only the sums."""
    values = _values(sweep) if method == "bootstrap" else None
    cells = list(sweep.cells.all())
    seeds = max(1, sweep.runs // max(1, len(cells)))
    declared = [cell for cell in cells if cell.definition is None]
    return [
        CellResult(
            number=cell.number,
            parameters={name: cell.parameters[name] for name in sweep.axes if name in cell.parameters},
            variant=cell.variant,
            runs=seeds,
            done=cell.done,
            failed=cell.failed,
            llm_calls=cell.llm_calls,
            figures=[_figure(cell, name, values, declared[cell.number % len(declared)]) for name in sorted(cell.sums)],
        )
        for cell in cells
    ]


def rows(sweep: Sweep) -> Iterator[list[Any]]:
    """A line for every run, after a line of names: number, variant, what differs, seed, status, then the metrics."""
    names = metrics_of(sweep)
    yield ["run", "variant", *sweep.axes, "seed", "status", "reused", "simulation", *names]
    points = sweep.points.select_related("cell").order_by("number")
    for point in points.iterator(chunk_size=500):
        parameters = [point.cell.parameters.get(name, "") for name in sweep.axes]
        told = [point.metrics.get(name, "") for name in names]
        play = point.simulation_id or ""
        yield [
            point.number + 1, point.cell.variant, *parameters, point.seed, point.status, point.is_reused, play, *told,
        ]  # fmt: skip


def _figure(
    cell: Cell, metric: str, values: Mapping[tuple[int, str], Sequence[float]] | None, declared: Cell
) -> Figure:
    sums, usual = sums_of(cell, metric), sums_of(declared, metric)
    shift = sums.mean - usual.mean if cell.definition is not None and usual.n else None
    interval = sums.interval() if values is None else bootstrap(values.get((cell.pk, metric), ()))
    low, high = interval or (None, None)
    return Figure(metric, sums.n, sums.mean, low, high, sums.low, sums.high, shift)


def _values(sweep: Sweep) -> dict[tuple[int, str], list[float]]:
    found: dict[tuple[int, str], list[float]] = {}
    done = sweep.points.filter(status=Point.Status.DONE).order_by("number")
    for cell_id, metrics in done.values_list("cell_id", "metrics"):
        for name, value in metrics.items():
            found.setdefault((cell_id, name), []).append(value)
    return found
