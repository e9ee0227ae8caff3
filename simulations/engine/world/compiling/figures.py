"""What is measured."""

from __future__ import annotations

from typing import Any

from simulations.engine.expressions import Kind
from simulations.engine.spec.metrics import GivenMetric, ValueMetric
from simulations.engine.world.compiling.reader import BOOL, NUMBER, Reader
from simulations.engine.world.measuring import Figure, Gauge, Measuring

_TESTS = frozenset({"count", "share"})


def measuring_of(reader: Reader) -> Measuring:
    """All metrics, in their order."""
    return Measuring([_metric(reader, name, metric) for name, metric in reader.spec.metrics.items()])


def _metric(reader: Reader, name: str, metric: Any) -> Gauge | Figure | str:
    if isinstance(metric, GivenMetric):
        return name
    if isinstance(metric, ValueMetric):
        scope = reader.scopes.figure(name)
        value = reader.formula(metric.value, scope, f"metrics.{name}", NUMBER)
        after = reader.formula(metric.after, reader.scopes.settings, f"metrics.{name}.after", NUMBER)
        return Figure(name, value, metric.over_time or "", after)
    return _gauge(reader, name, metric)


def _gauge(reader: Reader, name: str, metric: Any) -> Gauge:
    scope = reader.scopes.measure(metric.over, name)
    path = f"metrics.{name}"
    wants: Kind = BOOL if metric.kind in _TESTS else NUMBER
    return Gauge(
        name,
        metric.kind,
        reader.formula(metric.of, scope, path, wants),
        None if metric.over is None else reader.archetypes.index(metric.over),
        reader.condition(metric.where, scope, f"{path}.where"),
        _bound(reader, metric, "gap", path),
        _bound(reader, metric, "at_least", path),
    )


def _bound(reader: Reader, metric: Any, part: str, path: str) -> Any:
    text = getattr(metric, part, None)
    return None if text is None else reader.formula(text, reader.scopes.settings, f"{path}.{part}", NUMBER)
