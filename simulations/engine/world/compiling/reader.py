"""Reads expressions where they stand in a scenario."""

from __future__ import annotations

from simulations.engine.expressions import Crowd, Expression, Kind, PastValue, Scope, parse, parse_aggregate
from simulations.engine.spec import AbmSpec
from simulations.engine.spec.base import Condition
from simulations.engine.spec.base import Formula as Text
from simulations.engine.spec.scopes import Scopes
from simulations.engine.world.formulas import Formula

BOOL: Kind = "bool"
NUMBER: Kind = "number"


class Reader:
    """Parses with the scopes by which the scenario was checked; collects the past values that are asked for."""

    def __init__(self, spec: AbmSpec) -> None:
        self.spec = spec
        self.scopes = Scopes(spec)
        self.archetypes = tuple(spec.archetypes)
        self.past: dict[str, PastValue] = {}

    def expression(self, text: Text, scope: Scope, wants: Kind | None = None) -> Expression:
        """Where a word is wanted, the bare word stands for itself."""
        quoted = f"'{text}'" if isinstance(wants, tuple) and text in wants else text
        return self._noted(parse(quoted, scope, wants=wants))

    def formula(self, text: Text, scope: Scope, path: str, wants: Kind | None = None) -> Formula:
        return Formula(self.expression(text, scope, wants), path)

    def condition(self, text: Condition | None, scope: Scope, path: str) -> Formula | None:
        """None where there is none, so that it always holds."""
        return None if text is None else self.formula(text, scope, path, BOOL)

    def crowd(self, text: str, scope: Scope) -> Crowd:
        crowd = parse_aggregate(text, scope, self.archetypes)
        if crowd.where is not None:
            self._noted(crowd.where)
        return crowd

    def _noted(self, expression: Expression) -> Expression:
        self.past.update({each.key: each for each in expression.past})
        return expression
