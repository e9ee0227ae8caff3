"""Statements that are carried out often: the server parses and plans them once per connection.

Django's own cursors put the values into the text of a statement, so that PostgreSQL reads and plans each one anew, which often takes
longer than carrying it out. Such a statement goes past Django's log of queries and its execute wrappers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection

Values = Sequence[Any] | Mapping[str, Any]


def fetch(statement: str, values: Values) -> list[tuple[Any, ...]]:
    """Carry out one statement in the schema of this moment, and return its rows. Raises Django's database errors.

    The values travel beside the text, with the types of their Python ones: an integer that may be NULL wants a cast in the statement.
    """
    connection.validate_no_broken_transaction()
    with connection.cursor():  # connects, and names the workspace's schema
        pass
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement.encode(), values, prepare=True)
        return cursor.fetchall() if cursor.description else []
