"""A used clone made like new: the rows that tests committed are taken out again, which is far quicker than another clone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import psycopg
from psycopg import sql

_HOUSE = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg\\_temp%%'"
_CATALOGS = ("namespace", "class", "attribute", "attrdef", "constraint", "index", "trigger", "proc", "type", "rewrite")

# The transaction that wrote a catalog's newest row is another one as soon as anything was made, changed or renamed.
_STRUCTURE = " UNION ALL ".join(
    f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM pg_catalog.pg_{name}" for name in _CATALOGS
)
_TABLES = f"""
SELECT c.oid, n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND {_HOUSE} AND a.attnum > 0 AND NOT a.attisdropped GROUP BY 1, 2, 3"""
_SIZED = "SELECT oid FROM unnest(%s::oid[]) AS oid WHERE pg_relation_size(oid) > 0"
_SEQUENCES = f"""
SELECT s.seqrelid, pg_sequence_last_value(s.seqrelid), s.seqstart
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_HOUSE}"""
_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"""


class Table(NamedTuple):
    oid: int
    name: sql.Composable
    columns: sql.Composable


Fingerprint = tuple[int, int | None]


@dataclass
class Pristine:
    """What a database was like when it was new: its structure, the few rows that it had, and where its sequences stood."""

    structure: list[tuple[str, int, int]]
    tables: Sequence[Table]
    rows: dict[int, bytes]
    fingerprints: dict[int, Fingerprint]
    sequences: dict[int, int | None]

    @classmethod
    def of(cls, url: str) -> Pristine:
        with psycopg.connect(url) as connection:
            tables = list(_tables(connection))
            filled = [table for table in tables if _fingerprint(connection, table)[0]]
            return cls(
                structure=_structure(connection),
                tables=tables,
                rows={table.oid: _copied_out(connection, table) for table in filled},
                fingerprints={table.oid: _fingerprint(connection, table) for table in filled},
                sequences={oid: last for oid, last, _ in _sequences(connection)},
            )

    def restore(self, url: str) -> bool:
        """Everybody else is put out and the rows are as they were; False where tables were made or changed, which takes a new clone."""
        with psycopg.connect(url) as connection:
            connection.execute(_END_OTHERS)
            if _structure(connection) != self.structure:
                return False
            connection.execute("SET session_replication_role = replica")  # no trigger, no foreign key has a say
            for table in self._used(connection):
                self._refill(connection, table)
            self._rewind(connection)
        return True

    def _used(self, connection: psycopg.Connection) -> Iterator[Table]:
        sized = {oid for (oid,) in connection.execute(_SIZED, [[table.oid for table in self.tables]])}
        for table in self.tables:
            known = self.fingerprints.get(table.oid)
            if table.oid in sized and (known is None or known != _fingerprint(connection, table)):
                yield table

    def _refill(self, connection: psycopg.Connection, table: Table) -> None:
        connection.execute(sql.SQL("DELETE FROM {}").format(table.name))
        if table.oid in self.rows:
            into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(table.name, table.columns)
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                copy.write(self.rows[table.oid])
            self.fingerprints[table.oid] = _fingerprint(connection, table)

    def _rewind(self, connection: psycopg.Connection) -> None:
        for oid, last, start in list(_sequences(connection)):
            if last != (was := self.sequences[oid]):
                connection.execute(
                    "SELECT setval(%s::oid::regclass, %s, %s)", [oid, start if was is None else was, was is not None]
                )


def _structure(connection: psycopg.Connection) -> list[tuple[str, int, int]]:
    return connection.execute(_STRUCTURE).fetchall()


def _tables(connection: psycopg.Connection) -> Iterator[Table]:
    for oid, schema, name, columns in connection.execute(_TABLES):
        yield Table(oid, sql.Identifier(schema, name), sql.SQL(", ").join(map(sql.Identifier, columns)))


def _sequences(connection: psycopg.Connection) -> psycopg.Cursor[tuple[int, int | None, int]]:
    return connection.execute(_SEQUENCES)


def _fingerprint(connection: psycopg.Connection, table: Table) -> Fingerprint:
    """How many rows, and the transaction that wrote the newest: rows as they were have the same."""
    query = sql.SQL("SELECT count(*), max(xmin::text::bigint) FROM {}").format(table.name)
    found: Fingerprint = connection.execute(query).fetchone()  # type: ignore[assignment]
    return found


def _copied_out(connection: psycopg.Connection, table: Table) -> bytes:
    out = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT binary)").format(table.name, table.columns)
    with connection.cursor() as cursor, cursor.copy(out) as copy:
        return b"".join(map(bytes, copy))
