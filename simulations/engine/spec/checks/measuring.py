"""Metrics, views, objectives and the sentence about a step."""

from __future__ import annotations

from simulations.engine.spec.checks.prompting import check_placeholders
from simulations.engine.spec.faults import Faults, check_constant
from simulations.engine.spec.metrics import (
    ClustersMetric,
    CountMetric,
    GivenMetric,
    HistogramView,
    LineView,
    MapView,
    Metric,
    OverAgents,
    ShareMetric,
    ValueMetric,
)
from simulations.engine.spec.scopes import Scopes


def check_metrics(faults: Faults, scopes: Scopes) -> None:
    for name, metric in scopes.spec.metrics.items():
        _check_metric(faults.at("metrics", name), scopes, name, metric)
    check_placeholders(faults.at("summary"), scopes.spec.summary, scopes.spec.metrics)
    for number, objective in enumerate(scopes.spec.objectives):
        here = faults.at("objectives", number)
        if (objective.minimize is None) == (objective.maximize is None):
            here.add("one_of", "Say either minimize or maximize.")
        here.at("minimize").known(objective.minimize, scopes.spec.metrics, "metric")
        here.at("maximize").known(objective.maximize, scopes.spec.metrics, "metric")


def _check_metric(faults: Faults, scopes: Scopes, name: str, metric: Metric) -> None:
    if isinstance(metric, GivenMetric) and scopes.spec.model is None:
        faults.at("given").add("unknown", "Only a scenario with a part in Python (model) is given metrics by it.")
    if isinstance(metric, ValueMetric):
        faults.at("value").expression(metric.value, scopes.figure(name), "number")
        faults.at("after").expression(metric.after, scopes.settings, "number")
    if isinstance(metric, OverAgents) and faults.at("over").known(metric.over, scopes.spec.archetypes, "archetype"):
        scope = scopes.measure(metric.over, name)
        wants = "bool" if isinstance(metric, CountMetric | ShareMetric) else "number"
        faults.at(metric.kind).expression(metric.of, scope, wants)  # type: ignore[arg-type]  # one of two kinds
        faults.at("where").expression(metric.where, scope, "bool")
    if isinstance(metric, ClustersMetric):
        gap = faults.at("gap").expression(metric.gap, scopes.settings, "number")
        check_constant(
            faults.at("gap"), scopes.spec, gap, lambda value: value >= 0, "A gap is not below 0; this can be {value}."
        )
        faults.at("at_least").expression(metric.at_least, scopes.settings, "number")


def check_views(faults: Faults, scopes: Scopes) -> None:
    names = {name for archetype in scopes.spec.archetypes for name in scopes.own(archetype).names if "." not in name}
    names -= scopes.world.names.keys() - {"stage"}
    for number, view in enumerate(scopes.spec.views):
        here = faults.at("views", number)
        if isinstance(view, LineView):
            for place, metric in enumerate(view.line):
                here.at("line", place).known(metric, scopes.spec.metrics, "metric")
        if isinstance(view, HistogramView):
            here.at("histogram").known(view.histogram, names, "slot")
        if isinstance(view, MapView):
            for part in ("color", "mark", "size"):
                here.at("map", part).known(getattr(view.map, part), names, "slot")
