"""A play as a table, step by step, in pieces: for a file of any length, with little memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulations.models import Frame, Simulation
from tenants.context import enter

PIECE = 1_000
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
Row = tuple[int, dict[str, float], str]


def csv_pieces(schema: str, simulation: Simulation, metrics: Sequence[str]) -> Iterator[bytes]:
    """These metrics and the digest of every step. Each piece enters the workspace by itself."""
    yield _lines([["step", *metrics, "digest"]])
    for rows in _pieces(schema, simulation):
        yield _lines([[step, *(values.get(name, "") for name in metrics), digest] for step, values, digest in rows])


def parquet_pieces(schema: str, simulation: Simulation, metrics: Sequence[str]) -> Iterator[bytes]:
    """The same as Parquet: `step` int64, metrics float64 (null where there is none), `digest` string."""
    fields = [pa.field("step", pa.int64()), *(pa.field(name, pa.float64()) for name in metrics)]
    layout = pa.schema([*fields, pa.field("digest", pa.string())], metadata={"simulation": str(simulation.pk)})
    sink = _Sink()
    with pq.ParquetWriter(sink, layout) as writer:
        for rows in _pieces(schema, simulation):
            writer.write_table(_table(rows, metrics, layout))
            yield sink.taken()
    yield sink.taken()


def _table(rows: Sequence[Row], metrics: Sequence[str], layout: pa.Schema) -> pa.Table:
    columns: list[list[Any]] = [[step for step, _, _ in rows]]
    columns += [[values.get(name) for _, values, _ in rows] for name in metrics]
    columns.append([digest for _, _, digest in rows])
    arrays = [pa.array(column, each.type) for column, each in zip(columns, layout, strict=True)]
    return pa.Table.from_arrays(arrays, schema=layout)


def _pieces(schema: str, simulation: Simulation) -> Iterator[list[Row]]:
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


class _Sink(BytesIO):
    """Takes what is written, and gives it away piece by piece; positions go on counting."""

    def __init__(self) -> None:
        super().__init__()
        self._given = 0

    def tell(self) -> int:
        return self._given + super().tell()

    def taken(self) -> bytes:
        piece = self.getvalue()
        self._given += len(piece)
        self.seek(0)
        self.truncate()
        return piece
