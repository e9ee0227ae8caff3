"""Everything that an expression can speak of, in one place: agents, places, what all share, the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulations.engine.expressions import Expression
from simulations.engine.randomness import Chance, Ints
from simulations.engine.spaces import Space
from simulations.engine.state import UnifiedStateManager, cells_of

if TYPE_CHECKING:
    from simulations.engine.mechanisms import DoubleAuction

Array = NDArray[Any]
Getter = Callable[[int], Any]
_FEW = 4096
_NOBODY: Ints = np.empty(0, np.int64)


@dataclass(slots=True)
class Numbers:
    """Named numbers that belong to the state: globals, pools, running moments of metrics."""

    values: dict[str, float] = field(default_factory=dict)

    def snapshot(self) -> dict[str, float]:
        return dict(self.values)

    def restore(self, content: Mapping[str, float]) -> None:
        """In place: whoever holds `values` sees it."""
        self.values.clear()
        self.values.update(content)


class Condition(Protocol):
    """Something that holds for an agent, or not."""

    expression: Expression

    def one(self, sight: RowSight) -> Any: ...


@dataclass(slots=True)
class Scene:
    """What the world is made of while it plays. `constants` are parameters by both their spellings, words as positions.

    `partner` holds for each row whom it meets in this step (itself where there is nobody). `scalars` are derived values
    that are the same for everyone. `stage` is the position of the present stage.
    """

    state: UnifiedStateManager
    space: Space
    chance: Chance
    constants: dict[str, Any]
    shared: Numbers
    pools: Numbers
    markets: Mapping[str, DoubleAuction]
    past: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    """Past values that expressions ask for: spelling → (`lag` or `mean_of`, slot, steps)."""
    metrics: dict[str, float] = field(default_factory=dict)
    scalars: dict[str, Any] = field(default_factory=dict)
    partner: Ints = field(default_factory=lambda: _NOBODY)
    step: int = 0
    time: float = 0.0
    stage: int = 0
    occurrence: int = 0
    width: int = 0
    fresh: Mapping[str, Getter] = field(default_factory=dict)
    """Derived values worked out anew for one row, while agents act one after the other."""
    memo: dict[Condition, bool] = field(default_factory=dict)
    around: dict[int, list[int]] = field(default_factory=dict)
    _getters: dict[str, Getter] = field(default_factory=dict)

    def single(self, name: str) -> Any:
        """The value of a name that is the same for everyone; raises KeyError where it is not."""
        if name in self.constants:
            return self.constants[name]
        root, _, rest = name.partition(".")
        if rest:
            return self._dotted(root, rest)
        if name in self.scalars:
            return self.scalars[name]
        return {"step": self.step, "time": self.time, "stage": self.stage}[name]

    def _dotted(self, root: str, name: str) -> float:
        if root == "market":
            market, _, figure = name.partition(".")
            return float(getattr(self.markets[market], figure))
        if root == "space":
            return {"empty": self.space.empty_count}[name]
        return {"global": self.shared.values, "pool": self.pools.values, "metric": self.metrics}[root][name]

    def column(self, name: str) -> Array:
        """A name's values for all rows; raises KeyError where it is the same for everyone."""
        if name in self.state:
            return self.state[name]
        if name == "id":
            return np.arange(self.state.rows)
        if name in self.past:
            return self._past(*self.past[name])
        if name in ("x", "y") and self.width:
            place = self.state["place"]
            found: Array = place % self.width if name == "x" else place // self.width
            return found
        raise KeyError(name)

    def _past(self, function: str, slot: str, steps: int) -> Array:
        """`lag` of 0 is now; `mean_of` counts what is now as the first."""
        now, kept = self.state[slot], self.state.past(slot)
        if function == "lag":
            then: Array = kept[steps - 1] if steps else now
            return then
        mean: Array = np.concatenate([now[np.newaxis], kept[: steps - 1]]).mean(axis=0)
        return mean

    def values(self, name: str, rows: Ints) -> Any:
        """A name's values for these rows: an array aligned with them, or one value for everyone."""
        try:
            return self.single(name)
        except KeyError:
            return self._own(name, rows)

    def _own(self, name: str, rows: Ints) -> Any:
        if name.startswith("self."):
            return self.values(name[5:], rows)
        if name.startswith("partner."):
            return self.values(name[8:], self.partner[rows])
        values = self.column(name)
        return values if rows.size == values.size > _FEW and is_everyone(rows) else values[rows]

    def members(self, archetype: int | None) -> Ints:
        """Rows of those of an archetype (None: all) that are there."""
        if archetype is None:
            return self.state.living()
        return np.flatnonzero(self.state["alive"] & (self.state["archetype"] == archetype))

    def getter(self, name: str) -> Getter:
        """A function from a row to a name's value now, as a plain number."""
        found = self._getters.get(name)
        if found is None:
            found = self._getters[name] = self.fresh.get(name) or self._getter(name)
        return found

    def _getter(self, name: str) -> Getter:
        if name in self.state:
            cell: Getter = self.state.cells(name).__getitem__
            return cell
        if name == "id":
            return int
        if name.startswith("self."):
            return self.getter(name[5:])
        if name.startswith("partner."):
            return self._of_partner(self.getter(name[8:]))
        try:
            self.single(name)
        except KeyError:
            return lambda row: self.column(name)[row].item()
        return lambda _: self.single(name)

    def _of_partner(self, get: Getter) -> Getter:
        partner = cells_of(self.partner)
        return lambda row: get(partner[row])

    def remembered(self, condition: Condition, row: int) -> bool:
        """Whether it holds for a row; worked out once for all where it speaks of nothing that is an agent's own."""
        found = self.memo.get(condition)
        if found is None:
            found = bool(condition.one(RowSight(self, row)))
            if not self._is_own(condition):
                self.memo[condition] = found
        return found

    def _is_own(self, condition: Condition) -> bool:
        return any(self._differs(name) for name in condition.expression.names)

    def _differs(self, name: str) -> bool:
        try:
            self.single(name)
        except KeyError:
            return True
        return name in self.scalars

    def near(self, row: int) -> list[int]:
        """Who is around a row now; remembered until somebody moves."""
        found = self.around.get(row)
        if found is None:
            found = self.around[row] = self.space.neighbors_of(row)
        return found

    def rebind(self, fresh: Mapping[str, Getter] | None = None) -> None:
        """Forget how single values are found: rows were added, partners or stages changed, or agents begin to act in turn."""
        self._getters.clear()
        self.memo.clear()
        self.around.clear()
        self.fresh = fresh or {}


def is_everyone(rows: Ints) -> bool:
    """Whether these rows, as many as there are, are all of them in order."""
    return rows.size == 0 or (int(rows[0]) == 0 and bool((np.diff(rows) == 1).all()))


class Observed(Protocol):
    """A value that is seen rather than had."""

    def columns(self, sight: Sight) -> Array: ...


class Sight(dict[str, Any]):
    """The values of names for some rows, each looked up once: what an expression's columns are worked out from."""

    def __init__(
        self,
        scene: Scene,
        rows: Ints,
        known: Mapping[str, Any] | None = None,
        observed: Mapping[str, Observed] | None = None,
    ) -> None:
        super().__init__(known or {})
        self.given = tuple(known or ())
        self.scene = scene
        self.rows = rows
        self.observed = observed or {}

    def __missing__(self, name: str) -> Any:
        value = self[name] = self._look(name)
        return value

    def _look(self, name: str) -> Any:
        try:
            return self.scene.values(name, self.rows)
        except KeyError:
            return self.observed[name].columns(self)

    def where(self, chosen: Array) -> Sight:
        """The same for some of the rows; what was given goes along."""
        known = {name: self[name][chosen] if np.ndim(self[name]) else self[name] for name in self.given}
        return Sight(self.scene, self.rows[chosen], known, self.observed)


class RowSight(dict[str, Any]):
    """The values of names for one row, as plain numbers."""

    def __init__(self, scene: Scene, row: int, known: Mapping[str, Any] | None = None) -> None:
        super().__init__(known or {})
        self.given = known or {}
        self.scene = scene
        self.row = row

    def __missing__(self, name: str) -> Any:
        value = self[name] = self.scene.getter(name)(self.row)
        return value
