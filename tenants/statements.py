"""Statements that are carried out often: the server parses and plans them once per connection.

Django's own cursors put the values into the text of a statement, so that PostgreSQL reads and plans each one anew, which often takes
longer than carrying it out. Such a statement stands in Django's log of queries without its time, and goes past its execute wrappers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.pq import ExecStatus

Values = Sequence[Any] | Mapping[str, Any]


def fetch(statement: str, values: Values) -> list[tuple[Any, ...]]:
    """Carry out one statement in the schema of this moment, and return its rows. Raises Django's database errors.

    The values travel beside the text, with the types of their Python ones: an integer that may be NULL wants a cast in the statement.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.be_at_hand()
    with database.wrap_database_errors:
        return _rows(_sent(database, statement, values))


def fetch_in_turn(*statements: tuple[str, Values]) -> list[list[tuple[Any, ...]]]:
    """The same for several, one after the other in one transaction, sent at once: the server waits for nobody in between.

    Each sees what the one before it left, and what others had committed by then.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.be_at_hand()
    with database.wrap_database_errors:
        with database.connection.pipeline():
            sent = [_sent(database, statement, values) for statement, values in statements]
        return [_rows(cursor) for cursor in sent]


def _sent(database: Any, statement: str, values: Values) -> psycopg.Cursor[tuple[Any, ...]]:
    if database.queries_logged:
        database.queries_log.append({"sql": statement, "time": "unknown"})
    cursor: psycopg.Cursor[tuple[Any, ...]] = psycopg.Cursor(database.connection)
    return cursor.execute(statement.encode(), values, prepare=True)


def _rows(cursor: psycopg.Cursor[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """What it tells of its columns is not asked: it makes that anew, column by column."""
    answer = cursor.pgresult
    return cursor.fetchall() if answer and answer.status == ExecStatus.TUPLES_OK else []
