"""A CSV file as the table `data`, asked in SQL that can only read it."""

from __future__ import annotations

import csv
import io
import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

MOST_ROWS, MOST_COLUMNS, SHOWN_ROWS = 500_000, 200, 200
LONGEST_CELL, LONGEST_ANSWER = 2_000, 200_000
WHOLE = 2**63  # what a number without a point stays below, to be kept digit by digit
MOST_STEPS = 300_000_000  # of the virtual machine, some two seconds

FUNCTIONS = {
    "abs", "avg", "coalesce", "count", "date", "datetime", "dense_rank", "first_value", "glob", "group_concat", "ifnull", "iif", "instr",
    "julianday", "lag", "last_value", "lead", "length", "like", "lower", "ltrim", "max", "min", "nth_value", "ntile", "nullif", "percent_rank",
    "rank", "replace", "round", "row_number", "rtrim", "sign", "strftime", "substr", "substring", "sum", "time", "total", "trim", "typeof",
    "unixepoch", "upper",
}  # fmt: skip
READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}


class Refused(Exception):
    """The question or the data cannot be used; the message is a sentence."""


def query_table(question: str, data: bytes) -> str:
    """Rows as CSV, the names of the columns first. Raises Refused."""
    names, rows = _read(data)
    base = sqlite3.connect(":memory:")
    kinds = _fill(base, names, rows)
    _confine(base)
    try:
        found = base.execute(question)
        if found.description is None:
            raise Refused(f"Write one SELECT over the table data. {_columns(names, kinds)}")
        return _shown([each[0] for each in found.description], found)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise Refused(f"This query does not work: {str(error).rstrip('.')}. {_columns(names, kinds)}") from error


def _confine(base: sqlite3.Connection) -> None:
    """From here on only reading; never other files, settings or loadable code."""
    for limit, most in (
        (sqlite3.SQLITE_LIMIT_LENGTH, 1_000_000),
        (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 20_000),
        (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
        (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50),
        (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 20),
        (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
    ):
        base.setlimit(limit, most)
    base.set_authorizer(_allows)
    steps = itertools.count(1)
    base.set_progress_handler(lambda: next(steps) * 10_000 > MOST_STEPS, 10_000)


def _allows(action: int, first: str | None, second: str | None, _base: str | None, _inner: str | None) -> int:
    if action in READS and not (first or "").startswith("sqlite_"):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in FUNCTIONS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _read(data: bytes) -> tuple[list[str], list[list[str]]]:
    text = _decoded(data)
    csv.field_size_limit(1_000_000)
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv.Error:
        dialect = "excel"
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), dialect) if row]
    except csv.Error as error:
        raise Refused(f"This is not a table in CSV: {error}.") from error
    if not rows:
        raise Refused("This file is empty.")
    if len(rows) > MOST_ROWS or len(rows[0]) > MOST_COLUMNS:
        raise Refused(f"A table has at most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns here.")
    return _named(rows[0]), rows[1:]


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return text.replace("\x00", "")


def _named(header: Sequence[str]) -> list[str]:
    """Each column its own name, whatever the file says."""
    names: list[str] = []
    for number, given in enumerate(header, start=1):
        name = " ".join(given.split())[:100] or f"column {number}"
        taken = {each.lower() for each in names}
        options = itertools.chain([name], (f"{name} {n}" for n in itertools.count(2)))
        names.append(next(each for each in options if each.lower() not in taken))
    return names


def _fill(base: sqlite3.Connection, names: Sequence[str], rows: list[list[str]]) -> list[str]:
    """Make the table; a column whose every value is a number is numeric. Empty cells are NULL."""
    kinds = [_kind(row[place] for row in rows if place < len(row)) for place in range(len(names))]
    quoted = (f'"{name.replace(chr(34), chr(34) * 2)}" {kind}' for name, kind in zip(names, kinds, strict=True))
    base.execute(f"CREATE TABLE data ({', '.join(quoted)})")
    width, marks = len(names), ", ".join("?" * len(names))
    even = ([*(cell or None for cell in row[:width]), *[None] * (width - len(row))] for row in rows)
    base.executemany(f"INSERT INTO data VALUES ({marks})", even)  # noqa: S608 - question marks only
    base.commit()
    return kinds


def _kind(cells: Iterator[str]) -> str:
    kind = "INTEGER"
    empty = True
    for cell in cells:
        if not cell:
            continue
        empty = False
        if kind == "INTEGER" and not _is(int, cell):
            kind = "REAL"
        if kind == "REAL" and not _is(float, cell):
            return "TEXT"
    return "TEXT" if empty else kind


def _is(number: type[int] | type[float], cell: str) -> bool:
    """A long number, such as that of an account, is no quantity: as one it would lose its last digits."""
    try:
        is_whole = isinstance(number(cell), int) or cell.lstrip("+-").isdecimal()
        if is_whole and abs(int(cell)) >= WHOLE:
            return False
    except ValueError:
        return False
    return "_" not in cell and (cell == "0" or not cell.startswith("0") or cell.startswith("0."))


def _columns(names: Sequence[str], kinds: Sequence[str]) -> str:
    told = ", ".join(f'"{name}" ({kind.lower()})' for name, kind in zip(names, kinds, strict=True))
    return f"The table data has the columns {told}."


def _shown(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(names)
    seen = 0
    for seen, row in enumerate(rows, start=1):
        if seen > SHOWN_ROWS or out.tell() > LONGEST_ANSWER:
            return f"{out.getvalue()}[There are more rows; these are the first {seen - 1}.]"
        table.writerow(["" if cell is None else str(cell)[:LONGEST_CELL] for cell in row])
    return f"{out.getvalue()}[{seen} {'row' if seen == 1 else 'rows'}]"
