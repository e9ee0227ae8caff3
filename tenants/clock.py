"""The clock that several machines go by."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The moment by the database's clock, one statement.

    What one machine writes down and another compares with the present is written and compared by this clock: machines' own differ.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
