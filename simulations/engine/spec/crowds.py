"""Aggregates over crowds, and what an agent observes.

Which agents a crowd has is said in its text: `neighbors`, `neighbors and self where E`, `all where E`, `<archetype> where E`. It is
the value of `count`, `share` and `best`, and of `over` beside `mean`, `sum`, `min` and `max`, whose value is an expression. In it and
in the crowd's `where`, bare names are the other agent's slots and derived values, `self.x` the observer's own.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, Tag

from simulations.engine.spec.base import Crowd, Formula, Key, Part
from simulations.engine.spec.tagged import by_name


class Aggregate(Part):
    """What every aggregate has: `kind` is the name by which it is told apart."""

    kind: ClassVar[str]

    @property
    def crowd(self) -> str:
        """The text of the crowd, for `parse_aggregate`."""
        raise NotImplementedError


class Counted(Aggregate):
    """An aggregate whose crowd is its value."""

    @property
    def crowd(self) -> str:
        found: str = getattr(self, self.kind)
        return found


class Count(Counted):
    """How many there are."""

    kind: ClassVar[str] = "count"
    count: Crowd


class Share(Counted):
    """Which part of the crowd fulfils its `where`: `share: neighbors where infected` is of all neighbours. 0 where there are none."""

    kind: ClassVar[str] = "share"
    share: Crowd


class Best(Counted):
    """The slot `take` of the one whose `by` is greatest; of equals oneself if one is in the crowd, else the lowest row.

    Nobody there: one's own `take`.
    """

    kind: ClassVar[str] = "best"
    best: Crowd
    by: Formula
    take: Key


class Over(Aggregate):
    """A number worked out for each of a crowd; `empty` where there is nobody."""

    over: Crowd
    empty: float = 0.0

    @property
    def crowd(self) -> str:
        return self.over

    @property
    def of(self) -> Formula:
        """What is worked out for each."""
        found: Formula = getattr(self, self.kind)
        return found


class Mean(Over):
    kind: ClassVar[str] = "mean"
    mean: Formula


class Sum(Over):
    kind: ClassVar[str] = "sum"
    sum: Formula


class Min(Over):
    kind: ClassVar[str] = "min"
    min: Formula


class Max(Over):
    kind: ClassVar[str] = "max"
    max: Formula


class Seen(Part):
    """How a number is made coarse; the coarse one is what the key, the rules and the model see.

    `round`: to that many digits, also negative ones (-1: tens). `bins`: rising edges; seen is the edge below the value (the first
    edge for what is below it).
    """

    label: Annotated[str, Field(max_length=120)] = ""
    bins: Annotated[tuple[float, ...], Field(min_length=1, max_length=100)] | None = None
    round: Annotated[int, Field(ge=-12, le=12)] | None = None


class Ranged(Seen):
    """`levels`: that many equal bins of `min` … `max`, what is outside in the first and last; seen is the middle of the bin."""

    levels: Annotated[int, Field(ge=2, le=1_000)] | None = None
    min: float | None = None
    max: float | None = None


class ObservedValue(Ranged):
    """An expression of the agent's own slots and derived values, `partner.x`, globals, pools, markets, metrics, parameters,
    `id`, `x`, `y`, `stage`, `step`, `time`. At most one of `bins`, `round` and `levels`."""

    kind: ClassVar[str] = "value"
    value: Formula


class ObservedCount(Count, Ranged):
    pass


class ObservedShare(Share, Ranged):
    pass


class ObservedBest(Best, Seen):
    pass


class ObservedMean(Mean, Ranged):
    pass


class ObservedSum(Sum, Ranged):
    pass


class ObservedMin(Min, Seen):
    pass


class ObservedMax(Max, Seen):
    pass


AGGREGATE_NAMES = ("count", "share", "best", "mean", "sum", "min", "max")
OBSERVATION_NAMES = ("value", *AGGREGATE_NAMES)
AnyAggregate = Annotated[
    Annotated[Count, Tag("count")]
    | Annotated[Share, Tag("share")]
    | Annotated[Best, Tag("best")]
    | Annotated[Mean, Tag("mean")]
    | Annotated[Sum, Tag("sum")]
    | Annotated[Min, Tag("min")]
    | Annotated[Max, Tag("max")],
    by_name(AGGREGATE_NAMES, "an aggregate"),
]
Observation = Annotated[
    Annotated[ObservedValue, Tag("value")]
    | Annotated[ObservedCount, Tag("count")]
    | Annotated[ObservedShare, Tag("share")]
    | Annotated[ObservedBest, Tag("best")]
    | Annotated[ObservedMean, Tag("mean")]
    | Annotated[ObservedSum, Tag("sum")]
    | Annotated[ObservedMin, Tag("min")]
    | Annotated[ObservedMax, Tag("max")],
    by_name(OBSERVATION_NAMES, "an observation"),
]
