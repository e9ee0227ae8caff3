"""Crowds: `neighbors and self where group == self.group`, `all`, `buyer where cash > 0`."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from simulations.engine.expressions.expression import Expression, parse
from simulations.engine.expressions.refusals import ExpressionRefused
from simulations.engine.expressions.scope import Scope, listed, suggestion

_CROWD = re.compile(r"\s*([a-z][a-z0-9_]*)(\s+and\s+self)?(?:\s+where\s+(.+?))?\s*", re.DOTALL)
FORM = "Write “neighbors”, “all” or an archetype, then “and self” and “where <condition>” if wanted."


@dataclass(frozen=True, slots=True)
class Crowd:
    """Whom an aggregate looks at. `over` is `neighbors`, `all` or the name of an archetype; `where` is worked out with the
    other agent's slots under their bare names and the observer's under `self.`; None is everybody.

    Among its neighbours the observer itself counts only with `and_self`; `all` and an archetype are everybody, so that their
    figures are the same for all who ask.
    """

    over: str
    and_self: bool
    where: Expression | None


def split_crowd(text: str) -> tuple[str, bool, str | None]:
    """The parts of the text: over whom, with oneself, and the condition as it stands. Raises ExpressionRefused."""
    found = _CROWD.fullmatch(text) if len(text) <= 600 else None
    if found is None:
        raise ExpressionRefused(f"“{text[:80]}” names no crowd. {FORM}")
    over, and_self, where = found.groups()
    return over, and_self is not None, where


def parse_aggregate(text: str, scope: Scope, archetypes: Collection[str] = ()) -> Crowd:
    """Read a crowd. `scope` has the other agent's names and the observer's under `self.`. Raises ExpressionRefused."""
    over, and_self, where = split_crowd(text)
    known = ("neighbors", "all", *archetypes)
    if over not in known:
        raise ExpressionRefused(f"There is no crowd “{over}”.{suggestion(over, known)} There are: {listed(known)}.")
    return Crowd(over, and_self, None if where is None else parse(where, scope, wants="bool"))
