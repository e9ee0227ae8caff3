"""What is shown of real runs, and when it is renewed.

The rule, for every cell: at least 20 runs of at least 5 workspaces, and as many new ones before it is renewed. A model gets a cell of its
own once that many runs on it have come that stand in no cell yet; older ones stay where they were. Cells never overlap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import floor, log10
from typing import Any
from uuid import UUID

from marketplace.evidence import counted
from marketplace.evidence.models import ENOUGH_RUNS, ENOUGH_WORKSPACES, Cell

DAYS = 90
DIGITS = 2  # of money, time and tokens: more would tell single runs apart

_BY_MODEL = """
SELECT left(model, 120) AS model, tenant_id, created_at FROM counted
WHERE version_id = %(version)s AND ended_at > %(since)s AND created_at <= %(now)s"""

_CELL = f"""
SELECT {counted.SUMS} FROM counted
WHERE version_id = %(version)s AND ended_at > %(window)s AND created_at <= %(upto)s
  AND (%(since)s::timestamptz IS NULL OR created_at > %(since)s)
  AND CASE WHEN %(model)s <> '' THEN left(model, 120) = %(model)s
      ELSE NOT EXISTS (SELECT 1 FROM unnest(%(own)s::text[], %(own_since)s::timestamptz[]) AS c(model, since)
                       WHERE c.model = left(counted.model, 120) AND (c.since IS NULL OR counted.created_at > c.since)) END"""  # noqa: S608


@dataclass
class _Crowd:
    """Runs that have come to a cell since it was shown."""

    runs: int = 0
    tenants: set[UUID] = field(default_factory=set)

    def add(self, tenant_id: UUID) -> None:
        self.runs += 1
        self.tenants.add(tenant_id)

    @property
    def is_enough(self) -> bool:
        return self.runs >= ENOUGH_RUNS and len(self.tenants) >= ENOUGH_WORKSPACES


def stale(now: datetime) -> set[UUID]:
    """Versions with something shown that nothing has come to for the whole window."""
    old = Cell.objects.filter(is_shown=True, upto__lt=now - timedelta(days=DAYS))
    return set(old.values_list("version_id", flat=True))


def renew(version_id: UUID, now: datetime) -> None:
    """Renew the cells of a version to which enough has come; the caller holds the lock of the fold."""
    cells = {cell.model: cell for cell in Cell.objects.filter(version=version_id)}
    Cell.objects.filter(version=version_id, is_shown=True, upto__lt=now - timedelta(days=DAYS)).update(is_shown=False)
    come = _come(version_id, cells, now)
    for model, crowd in sorted(
        come.items(), reverse=True
    ):  # the cell without a model last: it is what the others leave
        if model and crowd.is_enough:
            _show(version_id, model, cells, now)
    rest = _Crowd()
    for model, crowd in come.items():
        if model not in cells or not model:
            rest.runs += crowd.runs
            rest.tenants |= crowd.tenants
    if rest.is_enough:
        _show(version_id, "", cells, now)


def _come(version_id: UUID, cells: dict[str, Cell], now: datetime) -> dict[str, _Crowd]:
    """What has come since it was last shown, by model."""
    come: dict[str, _Crowd] = {}
    rest = cells.get("")
    for row in counted.ask(_BY_MODEL, {"version": version_id, "since": now - timedelta(days=DAYS), "now": now}):
        cell = cells.get(row["model"]) or rest
        if cell is None or row["created_at"] > cell.upto:
            come.setdefault(row["model"], _Crowd()).add(row["tenant_id"])
    return come


def _show(version_id: UUID, model: str, cells: dict[str, Cell], now: datetime) -> None:
    rest = cells.get("")
    since = cells[model].since if model in cells else rest.upto if rest is not None else None
    own = [cell for name, cell in cells.items() if name]
    asked: dict[str, Any] = {
        "version": version_id,
        "model": model,
        "since": since,
        "upto": now,
        "window": now - timedelta(days=DAYS),
        "own": [cell.model for cell in own],
        "own_since": [cell.since for cell in own],
    }
    [found] = counted.ask(_CELL, asked)
    is_shown = found["runs"] >= ENOUGH_RUNS and found["workspaces"] >= ENOUGH_WORKSPACES
    values = {
        **{name: rounded(value) for name, value in found.items()},
        "since": since,
        "upto": now,
        "is_shown": is_shown,
    }
    cells[model], _ = Cell.objects.update_or_create(version_id=version_id, model=model, defaults=values)


def rounded(value: Any) -> Any:
    """Counts as they are, everything else to two digits that count: 0.01234 becomes 0.012, 1234.0 becomes 1200."""
    if isinstance(value, int):
        return value
    if not value:
        return 0.0
    return round(value, DIGITS - 1 - floor(log10(abs(value))))
