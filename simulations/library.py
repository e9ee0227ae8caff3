"""What this release's library knows of the scenarios that workspaces have copied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from simulations import scenarios
from simulations.definitions import spec_in
from simulations.engine.parameters import Value
from simulations.engine.scenario import Expectation, Metric, Scenario
from simulations.engine.spec import ScenarioSpec
from simulations.models import Simulation
from simulations.scenarios import catalogue
from tenants.errors import Unavailable


def definition_of(key: str) -> Scenario:
    """The library's scenario of that key; it may be gone in a later release."""
    found = find_definition(key)
    if found is None:
        raise Unavailable(f"The scenario {key!r} is not in this release's library: its plays can be read, not played.")
    return found


def find_definition(key: str) -> Scenario | None:
    return catalogue().get(key)


def spec_of(simulation: Simulation) -> ScenarioSpec | None:
    """The manifest that a play goes by; None where this release cannot read it any more."""
    try:
        return spec_in(simulation.definition or _manifest(simulation.key))
    except Unavailable:
        return None


@cache
def _manifest(key: str) -> dict[str, Any]:
    found = Path(scenarios.__file__).with_name(f"{key}.yaml")
    if not found.exists():
        raise Unavailable(f"The scenario {key!r} is not in this release's library.")
    manifest: dict[str, Any] = yaml.safe_load(found.read_text())
    return manifest


def metric_names(simulation: Simulation) -> list[str]:
    """In the scenario's order, as far as it is known."""
    known = find_definition(simulation.key)
    return [metric.name for metric in known.metrics] if known else sorted(simulation.metrics)


def in_words(metric: Metric, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1%}" if metric.unit == "share" else f"{value:,.0f}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A published range beside what one play measured. The range is for the mean of several, so one play may miss it."""

    expected: Expectation
    metric: Metric
    measured: float | None

    @property
    def holds(self) -> bool:
        return self.measured is not None and self.expected.low <= self.measured <= self.expected.high

    @property
    def shown(self) -> str:
        return in_words(self.metric, self.measured)

    @property
    def low(self) -> str:
        return in_words(self.metric, self.expected.low)

    @property
    def high(self) -> str:
        return in_words(self.metric, self.expected.high)


def comparisons(simulation: Simulation) -> list[Comparison]:
    """Published results for exactly the parameters of this play."""
    definition = find_definition(simulation.key)
    if definition is None:
        return []
    metrics = {metric.name: metric for metric in definition.metrics}
    defaults: dict[str, Value] = {parameter.name: parameter.default for parameter in definition.parameters}
    return [
        Comparison(expected, metrics[expected.metric], simulation.metrics.get(expected.metric))
        for expected in definition.expectations
        if simulation.parameters == {**defaults, **expected.when}
    ]
