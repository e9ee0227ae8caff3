"""A play as a table, step by step, in pieces: for a file of any length, with little memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from simulations.models import Frame, Simulation
from tenants.context import enter

PIECE = 1_000
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
Row = tuple[int, dict[str, float], str]


def csv_pieces(schema: str, simulation: Simulation, metrics: Sequence[str]) -> Iterator[bytes]:
    """These metrics and the digest of every step."""
    yield _lines([["step", *metrics, "digest"]])
    for rows in pieces(schema, simulation):
        yield _lines([[step, *(values.get(name, "") for name in metrics), digest] for step, values, digest in rows])


def pieces(schema: str, simulation: Simulation) -> Iterator[list[Row]]:
    """Step, metrics and digest, a thousand steps at a time. Each piece enters the workspace by itself."""
    after = -1
    while True:
        with enter(schema):
            found = Frame.objects.filter(simulation=simulation, step__gt=after).exclude(kind=Frame.Kind.STATUS)
            rows = list(found.order_by("step").values_list("step", "metrics", "digest")[:PIECE])
        if not rows:
            return
        after = rows[-1][0]
        yield rows


def _lines(rows: Sequence[Sequence[Any]]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[safe(cell) for cell in row] for row in rows])
    return text.getvalue().encode()


def safe(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets a mark before it; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell
