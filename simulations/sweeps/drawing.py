"""Results as pictures: a heat map over two parameters, one for each value of a third, a line with its band over one.

Numbers for a template to write down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from simulations.sweeps.queries import CellResult, Figure

SHADES = 6
MOST_MAPS = 12
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 280, 64, 40, 12, 16


@dataclass(frozen=True, slots=True)
class HeatCell:
    """`shade` is from 0 (least) to SHADES-1; None where no run is done."""

    figure: Figure | None
    shade: int | None


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Rows are values of `down`, columns of `across`; `held` is the third parameter with its value."""

    across: str
    down: str
    columns: Sequence[Any]
    rows: Sequence[tuple[Any, Sequence[HeatCell]]]
    held: tuple[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    value: Any
    figure: Figure


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    word: str


@dataclass(frozen=True, slots=True)
class Line:
    """In the units of a picture of WIDTH x HEIGHT; `line` and `band` are lists of points as SVG writes them."""

    axis: str
    dots: Sequence[Dot]
    line: str
    band: str
    across: Sequence[Tick]
    up: Sequence[Tick]


def heat_maps(cells: Sequence[CellResult], axes: Sequence[str], metric: str) -> list[HeatMap]:
    """Of two or three parameters of which every combination is there; the same shade is the same mean in all of them.

    The third is the one with the fewest values; where it has more than MOST_MAPS there are no maps.
    """
    if len(axes) not in (2, 3) or any(cell.variant for cell in cells):
        return []
    values = {axis: sorted({cell.parameters[axis] for cell in cells}, key=_order) for axis in axes}
    if len({tuple(cell.parameters[axis] for axis in axes) for cell in cells}) != prod(map(len, values.values())):
        return []
    means = [figure.mean for cell in cells if (figure := cell.figure(metric))]
    reach = min(means, default=0.0), max(means, default=0.0)
    if len(axes) == 2:
        return [_heat_map(cells, axes, values, metric, reach)]
    held = min(axes, key=lambda axis: len(values[axis]))
    others = [axis for axis in axes if axis != held]
    if len(values[held]) > MOST_MAPS:
        return []
    return [
        replace(
            _heat_map([cell for cell in cells if cell.parameters[held] == value], others, values, metric, reach),
            held=(held, value),
        )
        for value in values[held]
    ]


def _heat_map(
    cells: Sequence[CellResult],
    axes: Sequence[str],
    values: Mapping[str, Sequence[Any]],
    metric: str,
    reach: tuple[float, float],
) -> HeatMap:
    down, across = axes
    found = {(cell.parameters[down], cell.parameters[across]): cell.figure(metric) for cell in cells}
    rows = [(line, [_shaded(found[line, column], *reach) for column in values[across]]) for line in values[down]]
    return HeatMap(across, down, values[across], rows)


def _shaded(figure: Figure | None, low: float, high: float) -> HeatCell:
    if figure is None:
        return HeatCell(None, None)
    share = (figure.mean - low) / (high - low) if high > low else 0.0
    return HeatCell(figure, min(int(share * SHADES), SHADES - 1))


def line_chart(cells: Sequence[CellResult], axes: Sequence[str], metric: str) -> Line | None:
    """None unless exactly one parameter varies and two of its values have results."""
    if len(axes) != 1 or any(cell.variant for cell in cells):
        return None
    axis = axes[0]
    told = [(cell.parameters[axis], figure) for cell in cells if (figure := cell.figure(metric))]
    return _line(axis, sorted(told, key=lambda each: _order(each[0]))) if len(told) > 1 else None


def _line(axis: str, told: Sequence[tuple[Any, Figure]]) -> Line:
    """Two results or more, in the order of their values; words stand at equal distances."""
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value, _ in told)
    places = [float(value) if numeric else float(number) for number, (value, _) in enumerate(told)]
    ends = [end for _, figure in told for end in (figure.low, figure.high, figure.mean) if end is not None]
    x, y = _scale(places, LEFT, WIDTH - RIGHT), _scale(ends, HEIGHT - BOTTOM, TOP)
    dots = [Dot(x(place), y(each.mean), value, each) for place, (value, each) in zip(places, told, strict=True)]
    upper = [(dot.x, y(_or(dot.figure.high, dot.figure.mean))) for dot in dots]
    lower = [(dot.x, y(_or(dot.figure.low, dot.figure.mean))) for dot in reversed(dots)]
    return Line(
        axis=axis,
        dots=dots,
        line=_points([(dot.x, dot.y) for dot in dots]),
        band=_points([*upper, *lower]),
        across=[Tick(dot.x, f"{dot.value:g}" if numeric else str(dot.value)) for dot in _few(dots)],
        up=[Tick(y(value), f"{value:.4g}") for value in _ticks(ends)],
    )


def _few(dots: Sequence[Dot]) -> Sequence[Dot]:
    """At most ten, so that their words do not touch."""
    return dots[:: -(-len(dots) // 10)]


def _ticks(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    return [low + (high - low) * part / 4 for part in range(5)] if high > low else [low]


def _scale(values: Sequence[float], start: float, end: float) -> Any:
    low, high = min(values), max(values)
    reach = high - low
    return lambda value: round(start + (end - start) * ((value - low) / reach if reach else 0.5), 1)


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _order(value: Any) -> tuple[int, Any]:
    """Numbers by size, words by letter."""
    return (1, value) if isinstance(value, str) else (0, value)
