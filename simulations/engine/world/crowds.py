"""What an agent makes of others: counts, shares, means, the best of them. Over columns, and for one agent in a hurry.

Both ways add up in the same order, so that they give the same numbers to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from simulations.engine.expressions import Expression
from simulations.engine.expressions.nodes import Compared, Name, Number, Truth, Word
from simulations.engine.spaces import Near
from simulations.engine.world.scene import Array, Scene, Sight

AggregateKind = Literal["count", "share", "mean", "sum", "min", "max", "best"]
Test = Callable[[int], Any]


class OtherSight(dict[str, Any]):
    """Names as seen while looking at neighbours: bare ones are theirs, `self.` the observers' own."""

    def __init__(self, near: Near, sight: Sight) -> None:
        super().__init__()
        self.near = near
        self.sight = sight

    def __missing__(self, name: str) -> Any:
        value = self[name] = self._look(name)
        return value

    def _look(self, name: str) -> Any:
        if name.startswith("self."):
            values = self.sight[name[5:]]
            return self.near.own(values) if np.ndim(values) else values
        try:
            return self.sight.scene.single(name)
        except KeyError:
            return self.near.take(self.sight.scene.column(name))


class Aggregate:
    """One number (or word) out of a crowd. `over` is `neighbors`; for others see `WideAggregate`.

    `of` is worked out of each (mean, sum, min, max) or compared (best, which takes the slot `take`); `empty` is the
    answer where there is nobody. `best` of nobody is one's own.
    """

    def __init__(
        self,
        kind: AggregateKind,
        *,
        and_self: bool,
        where: Expression | None,
        of: Expression | None = None,
        take: str = "",
        empty: float = 0.0,
    ) -> None:
        self.kind, self.and_self, self.where, self.of, self.take, self.empty = kind, and_self, where, of, take, empty
        self._where = where.columns() if where else None
        self._of = of.columns() if of else None
        self._tests = _Tests(where) if where else None
        self._values = _Tests(of) if of else None

    def columns(self, sight: Sight) -> Array:
        near = sight.scene.space.neighbors(sight.rows, and_self=self.and_self)
        other = OtherSight(near, sight)
        where = None if self._where is None else _laid(near, sight.scene, self._where(other))
        if self.kind == "count":
            return near.count(where)
        if self.kind == "share":
            return _share(near.count(where), near.count())
        values = _laid(near, sight.scene, np.asarray(self._of(other) if self._of else 0.0))
        if self.kind == "best":
            return self._best(near, values, where, sight)
        found = {"mean": near.mean, "sum": near.sum, "min": near.min, "max": near.max}[self.kind](values, where)
        return self._filled(found, near, where)

    def _best(self, near: Near, values: Array, where: Any, sight: Sight) -> Array:
        rows = near.best(values, where)
        column = sight.scene.column(self.take)
        best: Array = column[np.where(rows < 0, sight.rows, rows)]
        return best

    def _filled(self, found: Array, near: Near, where: Any) -> Array:
        if self.kind == "sum" and not self.empty:
            return found
        filled: Array = np.where(near.count(where) > 0, found, self.empty)
        return filled

    def one(self, scene: Scene, row: int) -> Any:
        """The same for one row, as the state is now."""
        near = scene.near(row)
        if self.and_self:
            near = [row, *near]
        if self._tests is None:
            chosen = near
        elif self.kind == "count":
            return self._tests.count(scene, row, near)
        else:
            test = self._tests.bind(scene, row)
            chosen = [other for other in near if test(other)]
        if self.kind == "count":
            return len(chosen)
        if self.kind == "share":
            return len(chosen) / len(near) if near else 0.0
        return self._of_chosen(scene, row, chosen)

    def _of_chosen(self, scene: Scene, row: int, chosen: list[int]) -> Any:
        if not chosen:
            return scene.getter(self.take)(row) if self.kind == "best" else self.empty
        value = self._values.bind(scene, row) if self._values else float
        values = [float(value(other)) for other in chosen]
        if self.kind == "best":
            return scene.getter(self.take)(chosen[values.index(max(values))])
        return _summed_up(self.kind, values)


def _laid(near: Near, scene: Scene, values: Array) -> Array:
    """In the layout of the neighbours, also where it is the same for all of them."""
    if values.ndim:
        return values
    laid: Array = np.where(near.take(scene.state["alive"]), values, values)
    return laid


def _share(some: Array, everyone: Array) -> Array:
    return np.divide(some, everyone, out=np.zeros(some.shape), where=everyone > 0)


def _summed_up(kind: str, values: Sequence[float]) -> float:
    if kind == "min":
        return min(values)
    if kind == "max":
        return max(values)
    total = 0.0
    for value in values:
        total += value
    return total / len(values) if kind == "mean" else total


class _Tests:
    """An expression over another agent (bare names) and oneself (`self.`), for one pair at a time."""

    def __init__(self, expression: Expression) -> None:
        names = sorted(expression.names)
        self._other = [name for name in names if not name.startswith("self.")]
        self._own = [name[5:] for name in names if name.startswith("self.")]
        self._work = expression.scalar([*self._other, *(f"self.{name}" for name in self._own)], coded=True)
        self._simple = _simple(expression)

    def bind(self, scene: Scene, row: int) -> Test:
        """A function from another's row to the value, for one observer as the state is now."""
        work = self._work
        own = tuple(scene.getter(name)(row) for name in self._own)
        getters = [scene.getter(name) for name in self._other]
        if len(getters) == 1:
            get = getters[0]
            return lambda other: work((get(other), *own))
        return lambda other: work((*(get(other) for get in getters), *own))

    def count(self, scene: Scene, row: int, near: list[int]) -> int:
        """For how many of them it holds."""
        if self._simple is None:
            test = self.bind(scene, row)
            return sum(1 for other in near if test(other))
        slot, equal, wanted, is_name = self._simple
        get = scene.getter(slot)
        value = scene.getter(wanted)(row) if is_name else wanted
        same = [get(other) for other in near].count(value)
        return same if equal else len(near) - same


def _simple(expression: Expression) -> tuple[str, bool, Any, bool] | None:
    """(slot, whether equal, what to, whether that is a name) of `slot == self.slot`, `slot != 'word'` and their like."""
    tree = expression.tree
    if not isinstance(tree, Compared) or tree.signs not in (("==",), ("!=",)):
        return None
    left, right = tree.parts
    if not isinstance(left, Name) or left.key.startswith("self."):
        return None
    equal = tree.signs == ("==",)
    match right:
        case Name(key=key) if key.startswith("self."):
            return left.key, equal, key[5:], True
        case Word(value=word, kind=kind) if isinstance(kind, tuple):
            return left.key, equal, kind.index(word), False
        case Number(value=value) | Truth(value=value):
            return left.key, equal, value, False
        case _:
            return None


class WideAggregate:
    """The same over everybody, or over all of an archetype: one number, the same for all who ask.

    Only a condition that speaks of `self.` makes it differ between observers; then everyone is held against everyone.
    """

    def __init__(
        self,
        kind: AggregateKind,
        *,
        archetype: int | None,
        where: Expression | None,
        of: Expression | None = None,
        take: str = "",
        empty: float = 0.0,
    ) -> None:
        self.kind, self.archetype, self.where, self.of, self.take, self.empty = kind, archetype, where, of, take, empty
        self._where = where.columns() if where else None
        self._of = of.columns() if of else None
        self.differs = any(name.startswith("self.") for each in (where, of) if each is not None for name in each.names)

    def columns(self, sight: Sight) -> Any:
        """One value, or one for each row where it differs."""
        if not self.differs:
            return self.now(sight.scene)
        scene = sight.scene
        rows = scene.members(self.archetype)
        own = [self._seen_by(scene, rows, row) for row in sight.rows.tolist()]
        return np.asarray(own)

    def one(self, scene: Scene, row: int) -> Any:
        if not self.differs:
            return self.now(scene)
        return self._seen_by(scene, scene.members(self.archetype), row)

    def now(self, scene: Scene) -> Any:
        """Worked out of the state as it is now."""
        rows = scene.members(self.archetype)
        return self._of_members(scene, rows, Sight(scene, rows))

    def _seen_by(self, scene: Scene, rows: Array, row: int) -> Any:
        names = {name for each in (self.where, self.of) if each is not None for name in each.names}
        own = {name: scene.getter(name[5:])(row) for name in names if name.startswith("self.")}
        return self._of_members(scene, rows, Sight(scene, rows, own))

    def _of_members(self, scene: Scene, rows: Array, sight: Sight) -> Any:
        where = np.ones(rows.size, np.bool_) if self._where is None else self._where(sight, None, rows.size)
        chosen = int(np.count_nonzero(where))
        if self.kind == "count":
            return chosen
        if self.kind == "share":
            return chosen / rows.size if rows.size else 0.0
        if not chosen:
            return self.empty
        values: Array = np.asarray(self._of(sight, None, rows.size) if self._of else np.zeros(rows.size))[where]
        if self.kind == "best":
            return scene.column(self.take)[rows[where][int(values.argmax())]].item()
        worked: dict[str, Any] = {"mean": values.mean, "sum": values.sum, "min": values.min, "max": values.max}
        return float(worked[self.kind]())
