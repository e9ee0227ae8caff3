"""What is known of the scenarios that workspaces have: their own manifest, or that of this release's library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from simulations.chat.access import is_conversation
from simulations.definitions import spec_in
from simulations.engine.parameters import Value
from simulations.engine.spec import ScenarioSpec
from simulations.models import Simulation
from simulations.scenarios import scenario_of
from tenants.errors import Unavailable


class Played(Protocol):
    """A scenario of a workspace, or a play of one."""

    key: Any
    definition: Any


def definition_of(played: Played) -> ScenarioSpec:
    """By what it is played: its own manifest, else the library's of its key, which may be gone in a later release."""
    if is_conversation(played):
        raise Unavailable("This is a conversation: it is talked, turn by turn, not played.")
    if played.definition:
        return spec_in(played.definition)
    found = scenario_of(played.key)
    if found is None:
        raise Unavailable(
            f"The scenario {played.key!r} is not in this release's library: its plays can be read, not played."
        )
    return found


def find_definition(played: Played) -> ScenarioSpec | None:
    """The same, or None where this release cannot read it any more."""
    try:
        return definition_of(played)
    except Unavailable:
        return None


def spec_of(simulation: Simulation) -> ScenarioSpec | None:
    """The manifest that a play goes by; None where this release cannot read it any more."""
    return find_definition(simulation)


def metric_names(simulation: Simulation) -> list[str]:
    """In the scenario's order, as far as it is known."""
    known = find_definition(simulation)
    return list(known.metrics) if known else sorted(simulation.metrics)


@dataclass(frozen=True, slots=True)
class MetricTold:
    """A metric as people read it; `unit` is share, count, number or money."""

    name: str
    label: str
    unit: str
    help: str


def metrics_told(spec: ScenarioSpec) -> list[MetricTold]:
    return [MetricTold(name, each.title(name), each.unit, each.help) for name, each in spec.metrics.items()]


def in_words(metric: MetricTold, value: float | None) -> str:
    if value is None:
        return "–"
    if metric.unit == "share":
        return f"{value:.1%}"
    return f"{value:,.0f}" if metric.unit == "count" else f"{value:,.4g}"


@dataclass(frozen=True, slots=True)
class Published:
    """A published result: the mean of `metric` over `seeds` plays of `steps` lies between the two numbers."""

    when: Mapping[str, Value]
    metric: str
    low: float
    high: float
    source: str
    steps: int
    seeds: int


def published(spec: ScenarioSpec) -> list[Published]:
    return [
        Published(
            dict(each.when),
            each.metric,
            *each.between,
            each.source,
            each.steps or spec.time.max_steps,
            each.seeds,
        )
        for each in spec.expect
    ]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A published range beside what one play measured. The range is for the mean of several, so one play may miss it."""

    expected: Published
    metric: MetricTold
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
    spec = find_definition(simulation)
    if spec is None:
        return []
    metrics = {metric.name: metric for metric in metrics_told(spec)}
    defaults: dict[str, Value] = {parameter.name: parameter.default for parameter in spec.declared()}
    return [
        Comparison(expected, metrics[expected.metric], simulation.metrics.get(expected.metric))
        for expected in published(spec)
        if simulation.parameters == {**defaults, **expected.when}
    ]
