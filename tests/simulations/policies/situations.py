"""Short ways to say what agents see and what rules they follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulations.engine.decisions import DecisionRequest, Word
from simulations.engine.expressions import Kind, Scope, parse
from simulations.engine.keys import digest_of
from simulations.engine.policies.forms import ActionForm, ArgForm
from simulations.engine.policies.rules import Line, Rules

STAY, MOVE = ActionForm("stay"), ActionForm("move")
ORDER = ActionForm("order", "Order", (ArgForm("quantity", "int", 0, 100),))
ACTIONS = (STAY, MOVE, ORDER)


def request(
    observation: Mapping[str, Word] | None = None,
    *,
    row: int = 0,
    step: int = 1,
    legal: Sequence[str] = ("stay", "move", "order"),
    archetype: str = "resident",
    **more: Any,
) -> DecisionRequest:
    seen = observation or {}
    key = digest_of(archetype, dict(seen), list(legal))
    return DecisionRequest(key, archetype, row, more.pop("count", 1), seen, tuple(legal), step, **more)


def line(do: str, names: Mapping[str, Kind], when: str = "", probability: str = "", **args: str) -> Line:
    scope = Scope({**names, "step": "number", "time": "number"}, draws=True)
    return Line(
        do,
        parse(when, scope, wants="bool") if when else None,
        parse(probability, scope, wants="number") if probability else None,
        {name: parse(text, scope, wants="number") for name, text in args.items()},
    )


def rules(*lines: Line) -> Mapping[str, Rules]:
    return {"resident": Rules(lines, ACTIONS, "stay")}
