"""The numbers taken after every step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulations.engine.errors import SimulationError
from simulations.engine.randomness import Ints
from simulations.engine.world.formulas import Formula
from simulations.engine.world.scene import Array, Numbers, Scene, Sight

MOMENTS = "moments"


class MetricRefused(SimulationError):
    """A metric that is not a finite number; the step in which that happened is taken back."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"metrics.{name}: {detail}")
        self.path = f"metrics.{name}"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A metric over the agents of an archetype (None: all), of those for which `where` holds; 0 where there are none."""

    name: str
    kind: str
    of: Formula
    archetype: int | None = None
    where: Formula | None = None
    gap: Formula | None = None
    at_least: Formula | None = None

    def measure(self, scene: Scene, members: Ints) -> float:
        sight = Sight(scene, members)
        if self.where is not None:
            sight = sight.where(self.where.columns(sight).astype(np.bool_))
        values = self.of.columns(sight)
        if not values.size:
            return 0.0
        if self.kind == "clusters":
            return self._clusters(sight, values)
        return float(_KINDS[self.kind](values))

    def _clusters(self, sight: Sight, values: Array) -> float:
        gap = float(np.max(self.gap.columns(sight))) if self.gap else 0.0
        least = float(np.max(self.at_least.columns(sight))) if self.at_least else 0.0
        ordered = np.sort(values)
        ends = np.flatnonzero(np.diff(ordered) > gap) + 1
        sizes = np.diff(np.concatenate([[0], ends, [ordered.size]]))
        return float(np.count_nonzero(sizes >= least * ordered.size))


def gini(values: Array) -> float:
    """Gini coefficient of n values: sum of (2i - n - 1) x_i / (n sum of x), x ascending; negative ones count as 0."""
    ordered = np.sort(np.maximum(values, 0))
    total = float(ordered.sum())
    n = ordered.size
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total)) if total else 0.0


_KINDS: dict[str, Any] = {
    "mean": lambda values: float(values.mean()),
    "sum": lambda values: float(values.sum()),
    "min": lambda values: float(values.min()),
    "max": lambda values: float(values.max()),
    "var": lambda values: float(values.var()),
    "count": lambda values: float(np.count_nonzero(values)),
    "share": lambda values: float(np.count_nonzero(values) / values.size),
    "gini": gini,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric that is worked out of what all share; `over_time` makes it one of all steps after `after` (Welford 1962)."""

    name: str
    value: Formula
    over_time: str = ""
    after: Formula | None = None

    def measure(self, scene: Scene, moments: Numbers) -> float:
        now = self._number(self.value, scene)
        if not self.over_time:
            return now
        if scene.step > self._number(self.after, scene):
            self._enter(moments.values, now)
        return self._figure(moments.values)

    def _number(self, formula: Formula | None, scene: Scene) -> float:
        return 0.0 if formula is None else float(formula.shared(Sight(scene, _NO_ROWS)))

    def _enter(self, kept: dict[str, float], now: float) -> None:
        n, mean, spread = (kept.get(f"{self.name}.{part}", 0.0) for part in ("n", "mean", "spread"))
        n += 1
        step = now - mean
        mean += step / n
        least, most = kept.get(f"{self.name}.min", now), kept.get(f"{self.name}.max", now)
        total = kept.get(f"{self.name}.sum", 0.0) + now
        figures = {"n": n, "mean": mean, "spread": spread + step * (now - mean), "sum": total}
        figures |= {"min": min(least, now), "max": max(most, now)}
        kept.update({f"{self.name}.{part}": figure for part, figure in figures.items()})

    def _figure(self, kept: dict[str, float]) -> float:
        if self.over_time == "var":
            n = kept.get(f"{self.name}.n", 0.0)
            return kept[f"{self.name}.spread"] / n if n else 0.0
        return kept.get(f"{self.name}.{self.over_time}", 0.0)


_NO_ROWS: Ints = np.zeros(1, np.int64)


class Measuring:
    """All metrics of a scenario, in their order; each sees those above it. `given` ones come from elsewhere."""

    def __init__(self, metrics: list[Gauge | Figure | str]) -> None:
        self.metrics = metrics

    def measure(self, scene: Scene, moments: Numbers, given: dict[str, float]) -> dict[str, float]:
        """Raises MetricRefused; what was measured before is then still in the scene."""
        before, scene.metrics = scene.metrics, dict(scene.metrics)
        found: dict[str, float] = {}
        try:
            for metric in self.metrics:
                name = metric if isinstance(metric, str) else metric.name
                value = self._value(metric, scene, moments, given)
                if not math.isfinite(value):
                    raise MetricRefused(
                        name, f"This metric is {value} at step {scene.step}; it must be a finite number."
                    )
                found[name] = scene.metrics[name] = value
        except SimulationError:
            scene.metrics = before
            raise
        return found

    def _value(self, metric: Gauge | Figure | str, scene: Scene, moments: Numbers, given: dict[str, float]) -> float:
        if isinstance(metric, str):
            return float(given[metric])
        if isinstance(metric, Figure):
            return metric.measure(scene, moments)
        return metric.measure(scene, scene.members(metric.archetype))
