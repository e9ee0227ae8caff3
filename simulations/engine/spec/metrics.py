"""`metrics:` the numbers taken after every step; `views:` how a play is drawn; `objectives:`.

Expressions over agents see their slots and derived values (brought up to date), `id`, `x`, `y`, `stage`, globals, pools, markets,
parameters, `step`, `time`, and the metrics that stand above them as `metric.x`. No draws.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Tag

from simulations.engine.spec.base import Condition, Formula, Key, Line, Note, Part, in_words
from simulations.engine.spec.tagged import by_name

Unit = Literal["share", "count", "number", "money"]


class Metric(Part):
    """What every metric has. `kind` is the name by which it is told apart; `over` an archetype, null for all agents."""

    kind: ClassVar[str]
    label: Line | None = None
    unit: Unit = "number"
    help: Note = ""

    def title(self, name: str) -> str:
        return self.label or in_words(name)


class OverAgents(Metric):
    """Of the agents of `over` for which `where` holds; 0 where there is none."""

    over: Key | None = None
    where: Condition | None = None

    @property
    def of(self) -> Formula:
        """The expression worked out for each agent."""
        found: Formula = getattr(self, self.kind)
        return found


class MeanMetric(OverAgents):
    kind: ClassVar[str] = "mean"
    mean: Formula


class SumMetric(OverAgents):
    kind: ClassVar[str] = "sum"
    sum: Formula


class MinMetric(OverAgents):
    kind: ClassVar[str] = "min"
    min: Formula


class MaxMetric(OverAgents):
    kind: ClassVar[str] = "max"
    max: Formula


class VarMetric(OverAgents):
    """Variance of the whole population (divided by n)."""

    kind: ClassVar[str] = "var"
    var: Formula


class CountMetric(OverAgents):
    """How many fulfil the condition."""

    kind: ClassVar[str] = "count"
    count: Condition


class ShareMetric(OverAgents):
    """Which part fulfils the condition."""

    kind: ClassVar[str] = "share"
    share: Condition


class GiniMetric(OverAgents):
    """Gini coefficient, 0 … 1; 0 where all is nothing. Negative values count as 0."""

    kind: ClassVar[str] = "gini"
    gini: Formula


class ClustersMetric(OverAgents):
    """Groups of values with no `gap` inside, that hold at least the share `at_least` of the agents."""

    kind: ClassVar[str] = "clusters"
    clusters: Formula
    gap: Formula
    at_least: Formula = 0


class ValueMetric(Metric):
    """An expression of globals, pools, markets, the metrics above, parameters, `step`, `time`.

    `over_time`: of its values in all steps after step `after` (0 until there is one); `var` divides by their number.
    """

    kind: ClassVar[str] = "value"
    value: Formula
    over_time: Literal["mean", "var", "sum", "min", "max"] | None = None
    after: Formula = 0


class GivenMetric(Metric):
    """A metric that the scenario's Python part works out; only with `model:`."""

    kind: ClassVar[str] = "given"
    given: Literal[True]


METRIC_NAMES = ("value", "mean", "sum", "min", "max", "var", "count", "share", "gini", "clusters", "given")
AnyMetric = Annotated[
    Annotated[ValueMetric, Tag("value")]
    | Annotated[MeanMetric, Tag("mean")]
    | Annotated[SumMetric, Tag("sum")]
    | Annotated[MinMetric, Tag("min")]
    | Annotated[MaxMetric, Tag("max")]
    | Annotated[VarMetric, Tag("var")]
    | Annotated[CountMetric, Tag("count")]
    | Annotated[ShareMetric, Tag("share")]
    | Annotated[GiniMetric, Tag("gini")]
    | Annotated[ClustersMetric, Tag("clusters")]
    | Annotated[GivenMetric, Tag("given")],
    by_name(METRIC_NAMES, "a metric"),
]


class Mapped(Part):
    """Slots or derived values by which agents are drawn: `color` a word or number, `mark` a yes/no that changes the shade, `size`."""

    color: Key
    mark: Key | None = None
    size: Key | None = None


class MapView(Part):
    kind: ClassVar[str] = "map"
    map: Mapped


class LineView(Part):
    kind: ClassVar[str] = "line"
    line: Annotated[tuple[Key, ...], Field(min_length=1, max_length=12)]


class HistogramView(Part):
    kind: ClassVar[str] = "histogram"
    histogram: Key


VIEW_NAMES = ("map", "line", "histogram")
View = Annotated[
    Annotated[MapView, Tag("map")] | Annotated[LineView, Tag("line")] | Annotated[HistogramView, Tag("histogram")],
    by_name(VIEW_NAMES, "a view"),
]


class Objective(Part):
    """What would be good: exactly one of the two names a metric."""

    name: Key
    minimize: Key | None = None
    maximize: Key | None = None
