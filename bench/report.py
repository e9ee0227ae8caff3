"""What a measurement says, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

_COLUMNS = ("name", "value", "unit", "baseline", "ratio", "better", "note")


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure; `ratio` is value / baseline, both None where nothing comparable exists."""

    name: str
    value: float
    unit: str
    baseline: float | None
    ratio: float | None
    better: Literal["lower", "higher"]
    note: str = ""


def entry(measured: Mapping[str, Any]) -> Entry:
    """Take what a module measured. A missing or an unknown key is a TypeError."""
    return Entry(**measured)


def against_goal(name: str, value: float, unit: str, goal: float, note: str) -> dict[str, Any]:
    """A figure whose baseline is the goal that it was set; percentages are better the higher, all else the lower."""
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "baseline": goal,
        "ratio": round(value / goal, 3) if goal else None,
        "better": "higher" if name.endswith("percent") else "lower",
        "note": f"baseline: the goal; {note}",
    }


def table(entries: Sequence[Entry]) -> str:
    rows = [_COLUMNS, *(tuple(_cell(getattr(one, column)) for column in _COLUMNS) for one in entries)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def write(entries: Sequence[Entry], target: Path) -> None:
    """Replace the entries of the same names; what was not measured this time stays."""
    kept = [old for old in _read(target) if old["name"] not in {one.name for one in entries}]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps([*kept, *(asdict(one) for one in entries)], indent=2) + "\n")


def _read(target: Path) -> list[dict[str, Any]]:
    try:
        return list(json.loads(target.read_text()))
    except FileNotFoundError:
        return []


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)
