"""The same rules over whole columns: a million agents without a loop over them. Choices equal those made one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.engine.batches import Batch
from simulations.engine.decisions import Choices, Word
from simulations.engine.draws import DRAW_STREAM
from simulations.engine.expressions import Expression
from simulations.engine.policies.rules import Line, RulePolicy, Rules
from simulations.engine.policies.seeing import column_values
from simulations.engine.randomness import Chance, Floats, Ints

Column = NDArray[Any]


class VectorRulePolicy(RulePolicy):
    """Rules that are worked out for all agents of an archetype at once. One by one it decides as RulePolicy does."""

    def __init__(self, name: str, rules: Mapping[str, Rules], *, parameters: Mapping[str, Word], seed: int = 0) -> None:
        super().__init__(name, rules, parameters=parameters, seed=seed)
        self._columns = {
            archetype: [{part: one.columns() for part, one in line.expressions} for line in rules.lines]
            for archetype, rules in self.rules.items()
        }

    def decide_columns(self, batch: Batch, chance: Chance, moment: Mapping[str, Word] | None = None) -> Choices:
        """What each agent does; `moment` may say `time` and `stage`. Raises ExpressionFailed where a line has no value."""
        seeing = {**self.parameters, "step": batch.step, **(moment or {})}
        return _Deciding(batch, chance, seeing, self.rules[batch.archetype], self._columns[batch.archetype]).choices()


class _Deciding:
    """One batch on its way through the lines. `open` are the places of agents that no line has taken yet."""

    def __init__(
        self,
        batch: Batch,
        chance: Chance,
        seeing: Mapping[str, Word],
        rules: Rules,
        compiled: list[dict[str, Callable[..., Column]]],
    ) -> None:
        self.batch, self.chance, self.seeing, self.rules, self.compiled = batch, chance, seeing, rules, compiled
        self.actions = batch.actions
        count = batch.rows.size
        self.codes: Ints = np.full(count, self.actions.index(rules.idle), np.int64)
        self.args: dict[tuple[str, str], Column] = {}
        self.open: Ints = np.arange(count)
        self._undecided = np.ones(count, np.bool_)
        self.left: Floats = np.ones(count)
        self.passed: Floats = np.zeros(count)
        self._own: Floats | None = None

    def choices(self) -> Choices:
        for number, line in enumerate(self.rules.lines):
            if not self.open.size:
                break
            self._take(number, line)
        return Choices(self.actions, self.codes, self.args)

    def _take(self, number: int, line: Line) -> None:
        places = self._applying(number, line)
        if not places.size:
            return
        taken = places if line.probability is None else self._drawn(number, line.probability, places)
        self.codes[taken] = self.actions.index(line.do)
        self._arguments(number, line, taken)
        self._undecided[taken] = False
        self.open = self.open[self._undecided[self.open]]

    def _applying(self, number: int, line: Line) -> Ints:
        may = self.batch.legal[self.open] >> self.actions.index(line.do) & 1
        places = self.open[may.astype(np.bool_)]
        if line.when is not None and places.size:
            places = places[self._worked_out(number, "when", line.when, places)]
        return places

    def _drawn(self, number: int, probability: Expression, places: Ints) -> Ints:
        share = np.clip(self._worked_out(number, "probability", probability, places), 0.0, 1.0)
        weight = share * self.left[places]
        self.left[places] -= weight
        self.passed[places] += weight
        taken = (share >= 1.0) | ((share > 0) & (self._draws()[places] < self.passed[places]))
        return places[taken]

    def _draws(self) -> Floats:
        if self._own is None:
            self._own = self.chance.draws(DRAW_STREAM, self.batch.rows)
        return self._own

    def _arguments(self, number: int, line: Line, places: Ints) -> None:
        form = self.rules.form(line.do)
        for name, expression in line.args.items():
            found = form.arg(name).fit_column(self._worked_out(number, f"with {name}", expression, places))
            column = self.args.get((line.do, name))
            if column is None:
                column = self.args[line.do, name] = np.zeros(self.codes.size, found.dtype)
            column[places] = found

    def _worked_out(self, number: int, part: str, expression: Expression, places: Ints) -> Column:
        everyone = places.size == self.codes.size
        values = column_values(expression, self.batch.fields, self.seeing, None if everyone else places)
        stream, rows = self.rules.stream(number, part), self.batch.rows[places]
        return self.compiled[number][part](values, lambda site: self.chance.draws(stream, rows, site), places.size)
