"""Evaluations a second of a scenario's rule, compiled to a lambda and to columns, beside the same rule written in Python."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from simulations.engine.expressions import Scope, parse

NAMES = ("rule_evaluations_per_second", "rule_column_evaluations_per_second")
_RULE = "similar + other > 0 and similar / (similar + other) < threshold"
_TIMES, _ROWS, _ROUNDS = 200_000, 200_000, 5


def measure() -> list[dict[str, Any]]:
    """Medians of five rounds; value and baseline take turns."""
    expression = parse(_RULE, Scope({"similar": "number", "other": "number", "threshold": "number"}))
    scalar, columns = expression.scalar(), expression.columns()
    row = {"similar": 3, "other": 4, "threshold": 0.5}
    table = {"similar": np.arange(_ROWS) % 9, "other": np.arange(_ROWS) % 7, "threshold": 0.5}
    ours, plain, many = [], [], []
    for _ in range(_ROUNDS):
        ours.append(_rate(lambda: [scalar(row) for _ in range(_TIMES)], _TIMES))
        plain.append(_rate(lambda: [_by_hand(row) for _ in range(_TIMES)], _TIMES))
        many.append(_rate(lambda: columns(table), _ROWS))
    value, baseline, column = statistics.median(ours), statistics.median(plain), statistics.median(many)
    return [
        _entry(NAMES[0], value, baseline, "one situation at a time; baseline: the same function written in Python"),
        _entry(NAMES[1], column, value, "200,000 agents as columns; baseline: one at a time"),
    ]


def _by_hand(row: dict[str, float]) -> bool:
    total = row["similar"] + row["other"]
    return total > 0 and row["similar"] / total < row["threshold"]


def _rate(act: Callable[[], object], times: int) -> float:
    start = time.process_time()
    act()
    return times / (time.process_time() - start)


def _entry(name: str, value: float, baseline: float, note: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value),
        "unit": "evaluations/s",
        "baseline": round(baseline),
        "ratio": round(value / baseline, 2),
        "better": "higher",
        "note": note,
    }


if __name__ == "__main__":
    print(measure())
