"""`presets:`, `expect:` and `sweep:`: parameters worth trying, published results, many plays at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulations.engine.spec.base import Key, Line, Part, Scalar

Values = Annotated[dict[Key, Scalar], Field(max_length=100)]


class Preset(Part):
    """A named set of parameters to start from."""

    name: Key
    title: Line
    description: Annotated[str, Field(max_length=400)] = ""
    parameters: Values


class Expectation(Part):
    """A published result: the mean of `metric` over `seeds` plays of at most `steps` (null: as many as usual) lies in `between`."""

    when: Values = Field(default_factory=dict)
    seeds: Annotated[int, Field(ge=1, le=1_000)] = 5
    steps: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    policy: Key | None = None
    metric: Key
    between: tuple[float, float]
    source: Annotated[str, Field(min_length=1, max_length=400)]


class Sampled(Part):
    """`samples` points of the ranges [from, to] of some parameters."""

    samples: Annotated[int, Field(ge=1, le=10_000_000)]
    ranges: Annotated[dict[Key, tuple[float, float]], Field(min_length=1, max_length=20)]


class Sweep(Part):
    """One of `grid` (all combinations), `list` (as given), `latin_hypercube` and `sobol`, times `seeds` distinct seeds."""

    grid: Annotated[dict[Key, tuple[Scalar, ...]], Field(min_length=1, max_length=20)] | None = None
    list: Annotated[tuple[Values, ...], Field(min_length=1, max_length=10_000)] | None = None
    latin_hypercube: Sampled | None = None
    sobol: Sampled | None = None
    seeds: Annotated[int, Field(ge=1, le=10_000_000)] = 1

    @property
    def points(self) -> int:
        """How many sets of parameters there are, without making them."""
        if self.grid is not None:
            product = 1
            for values in self.grid.values():
                product *= len(values)
            return product
        sampled = self.latin_hypercube or self.sobol
        return len(self.list or ()) if sampled is None else sampled.samples
