"""Reading the log of activity, and whether anybody has been at it."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from marketplace.moderation.models import ActivityLog

_BROKEN = """
SELECT seq FROM (
    SELECT line.seq, line.hash, public.moderation_line_hash(line) AS proper, line.prev_hash,
        lag(line.hash, 1, '') OVER (ORDER BY line.seq) AS before, row_number() OVER (ORDER BY line.seq) AS place
    FROM public.moderation_activitylog line WHERE line.seq IS NOT NULL
) chained
WHERE hash <> proper OR prev_hash <> before OR seq <> place
ORDER BY seq LIMIT 1
"""


def broken_line() -> int | None:
    """The number of the first line that is not as it was written, or that lacks the line before; None while all is well."""
    with connection.cursor() as cursor:
        cursor.execute(_BROKEN)
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def history_of(kind: str, pk: UUID) -> QuerySet[ActivityLog]:
    """Everything that happened to one thing, newest first. `kind` as in "version" or "publisher"."""
    return ActivityLog.objects.filter(target_type=kind, target_id=pk).order_by("-at", "-id")
