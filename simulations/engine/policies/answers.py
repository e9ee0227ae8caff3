"""What came back, held against what may be done. Nothing that was not checked here is ever applied."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from simulations.engine.decisions import Option, Word
from simulations.engine.errors import SimulationError
from simulations.engine.policies.forms import ActionForm, ArgumentRefused

MOST_REASON = 400
Fault = Literal["malformed", "illegal"]


class AnswerRefused(SimulationError):
    """An answer that cannot be used: `malformed` (not of the form that was asked for) or `illegal` (may not be done)."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault: Fault = fault


Forms = Mapping[str, ActionForm]


def read_shares(value: object, forms: Forms, legal: Sequence[str]) -> tuple[Option, ...]:
    """The options of a distribution, weights brought to a sum of 1. Raises AnswerRefused."""
    told = value.get("options") if isinstance(value, Mapping) else None
    if not isinstance(told, list) or not told:
        raise AnswerRefused("malformed", "`options` must be a list of at least one option.")
    weighed = [(_option(each, forms, legal), _weight(each)) for each in told]
    total = math.fsum(weight for _, weight in weighed)
    if not total > 0:
        raise AnswerRefused("malformed", "At least one weight must be above zero.")
    return tuple(Option(one.action, one.args, weight / total) for one, weight in weighed if weight > 0)


def read_choice(value: object, forms: Forms, legal: Sequence[str]) -> tuple[Option, str]:
    """The one option that was chosen, and the reason that was given. Raises AnswerRefused."""
    option = _option(value, forms, legal)
    reason = value.get("reason", "") if isinstance(value, Mapping) else ""
    return option, " ".join(reason.split())[:MOST_REASON] if isinstance(reason, str) else ""


def merged(options: Sequence[Option]) -> tuple[Option, ...]:
    """Samples as a distribution: each different option once, in the order of first appearance."""
    counts: Counter[tuple[str, tuple[tuple[str, Word], ...]]] = Counter(
        (option.action, tuple(option.args.items())) for option in options
    )
    return tuple(Option(action, dict(args), count / len(options)) for (action, args), count in counts.items())


def _option(told: object, forms: Forms, legal: Sequence[str]) -> Option:
    if not isinstance(told, Mapping) or not isinstance(told.get("action"), str):
        raise AnswerRefused("malformed", "Each option must be an object with an `action`.")
    action = told["action"]
    if action not in legal:
        raise AnswerRefused("illegal", f"{action[:60]!r} may not be done here; these may: {', '.join(legal)}.")
    try:
        return Option(action, forms[action].accept(told.get("args") or {}))
    except ArgumentRefused as refused:
        raise AnswerRefused("illegal", refused.detail) from None


def _weight(told: Any) -> float:
    weight = told.get("weight")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not math.isfinite(weight) or weight < 0:
        raise AnswerRefused("malformed", f"Each weight must be a number that is not negative; not {weight!r:.60}.")
    return float(weight)
