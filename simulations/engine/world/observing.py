"""What agents see, made as coarse as declared; and what each of them may do."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from simulations.engine.batches import Batch
from simulations.engine.randomness import Ints
from simulations.engine.world.formulas import Formula
from simulations.engine.world.scene import Array, RowSight, Scene, Sight

Seen = tuple[Any, ...]


class Source(Protocol):
    """Where a value comes from: a formula, or an aggregate over others."""

    def columns(self, sight: Sight) -> Any:
        """One value for each row, or one for all."""
        ...


class Coarse(Protocol):
    """How a number is made coarse, one by one and for columns with the same result."""

    def one(self, value: float) -> float: ...
    def columns(self, values: Array) -> Array: ...


@dataclass(frozen=True, slots=True)
class Bins:
    """The edge below the value; the first one for what is below it."""

    edges: tuple[float, ...]

    def one(self, value: float) -> float:
        return self.edges[max(bisect_right(self.edges, value) - 1, 0)]

    def columns(self, values: Array) -> Array:
        edges = np.asarray(self.edges, np.float64)
        below: Array = edges[np.maximum(np.searchsorted(edges, values, side="right") - 1, 0)]
        return below


@dataclass(frozen=True, slots=True)
class Digits:
    """Rounded to so many digits, half to even."""

    digits: int

    def one(self, value: float) -> float:
        scale = 10.0**self.digits
        return float(round(value * scale)) / scale + 0.0

    def columns(self, values: Array) -> Array:
        scale = 10.0**self.digits
        rounded: Array = np.rint(values * scale) / scale + 0.0
        return rounded


@dataclass(frozen=True, slots=True)
class Levels:
    """The middle of the bin, of so many equal ones between the bounds; what is outside counts to the first and last."""

    count: int
    low: float
    high: float

    def one(self, value: float) -> float:
        number = math.floor((value - self.low) / (self.high - self.low) * self.count)
        return float(self._middle(min(max(number, 0), self.count - 1)))

    def columns(self, values: Array) -> Array:
        numbers = np.floor((values - self.low) / (self.high - self.low) * self.count)
        middle: Array = self._middle(np.clip(numbers, 0, self.count - 1))
        return middle

    def _middle(self, number: Any) -> Any:
        """Rounded to twelve digits, so that it reads well."""
        width = (self.high - self.low) / self.count
        middle = self.low + (number + 0.5) * width
        return np.round(middle, 12) if isinstance(middle, np.ndarray) else float(np.round(middle, 12))


@dataclass(frozen=True, slots=True)
class Field:
    """One observed value. `words` where it is one of some words (its value is the position), `plain` makes it a plain value."""

    name: str
    source: Any
    coarse: Coarse | None = None
    words: tuple[str, ...] = ()
    plain: Callable[[Any], Any] = float

    def columns(self, sight: Sight) -> Array:
        values = np.asarray(self.source.columns(sight))
        if not values.ndim:
            values = np.full(sight.rows.size, values)
        return values if self.coarse is None else self.coarse.columns(values)

    def one(self, scene: Scene, row: int) -> Any:
        value = value_of(self.source, scene, row)
        return self.plain(value) if self.coarse is None else self.coarse.one(value)


def value_of(source: Any, scene: Scene, row: int) -> Any:
    """One row's value of a formula or an aggregate, as the state is now."""
    if not isinstance(source, Formula):
        return source.one(scene, row)
    return source.one(RowSight(scene, row)) if source.alias is None else scene.getter(source.alias)(row)


@dataclass(frozen=True, slots=True)
class Eyes:
    """What the agents of one archetype see, and which of `actions` are open to them, each with its condition if it has one."""

    archetype: str
    fields: tuple[Field, ...]
    actions: tuple[str, ...]
    open: int
    conditions: tuple[tuple[int, Formula], ...] = ()

    @property
    def words(self) -> Mapping[str, tuple[str, ...]]:
        return {field.name: field.words for field in self.fields if field.words}

    def only(self, fields: Collection[str]) -> Eyes:
        """The same with fewer fields."""
        return replace(self, fields=tuple(field for field in self.fields if field.name in fields))

    def batch(self, scene: Scene, rows: Ints) -> Batch:
        """Everyone looks at the state as it is now."""
        sight = self.sight(scene, rows)
        fields = {field.name: field.columns(sight) for field in self.fields}
        return Batch(self.archetype, rows, fields, self.actions, self._legal(sight), scene.step, self.words)

    def sight(self, scene: Scene, rows: Ints, known: Mapping[str, Any] | None = None) -> Sight:
        """Names for these rows, their observations among them where nothing nearer has the name."""
        return Sight(scene, rows, known, {field.name: field for field in self.fields})

    def _legal(self, sight: Sight) -> Ints:
        legal = np.full(sight.rows.size, self.open, np.int64)
        for bit, condition in self.conditions:
            legal |= condition.columns(sight).astype(np.int64) << bit
        return legal

    def look(self, scene: Scene, row: int) -> tuple[Seen, int]:
        """The same for one agent: the values in the order of the fields, and the legal actions as bits."""
        legal = self.open
        for bit, condition in self.conditions:
            legal |= scene.remembered(condition, row) << bit
        return tuple([field.one(scene, row) for field in self.fields]), legal

    def plain(self, batch: Batch, at: Sequence[int] | Ints) -> list[tuple[Seen, int]]:
        """What some of a batch see, in the form of `look`."""
        columns = [batch.fields[field.name][at].tolist() for field in self.fields]
        legal = batch.legal[at].tolist()
        return list(zip(zip(*columns, strict=True) if columns else [()] * len(legal), legal, strict=True))
