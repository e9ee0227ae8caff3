"""A play as a Parquet file, in pieces. Imported by its door alone, when it is asked: PyArrow takes 30 MB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulations.models import Simulation
from simulations.reading.tables import Row, pieces


def parquet_pieces(schema: str, simulation: Simulation, metrics: Sequence[str]) -> Iterator[bytes]:
    """What `csv_pieces` writes, as Parquet: `step` int64, metrics float64 (null where there is none), `digest` string."""
    fields = [pa.field("step", pa.int64()), *(pa.field(name, pa.float64()) for name in metrics)]
    layout = pa.schema([*fields, pa.field("digest", pa.string())], metadata={"simulation": str(simulation.pk)})
    sink = _Sink()
    with pq.ParquetWriter(sink, layout) as writer:
        for rows in pieces(schema, simulation):
            writer.write_table(_table(rows, metrics, layout))
            yield sink.taken()
    yield sink.taken()


def _table(rows: Sequence[Row], metrics: Sequence[str], layout: pa.Schema) -> pa.Table:
    columns: list[list[Any]] = [[step for step, _, _ in rows]]
    columns += [[values.get(name) for _, values, _ in rows] for name in metrics]
    columns.append([digest for _, _, digest in rows])
    arrays = [pa.array(column, each.type) for column, each in zip(columns, layout, strict=True)]
    return pa.Table.from_arrays(arrays, schema=layout)


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
