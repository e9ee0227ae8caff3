"""How much room the pictures of a workspace's runs may take."""

from __future__ import annotations

from django.db import connection

from tenants.context import current_schema
from tenants.errors import TooLarge

WORKSPACE_MOST_BYTES = 2 * 1024**3
_MB = 1024**2

# A run that goes off from another has links to the same bytes; when that one is deleted it has no parent any more, and counts.
_USED = """
SELECT coalesce(sum((picture ->> 'size')::bigint), 0)
FROM projects_run, jsonb_array_elements(pictures) AS picture WHERE pictures IS NOT NULL AND parent_id IS NULL"""


def check_room(size: int) -> None:
    """Inside the transaction that starts the run: one at a time counts, so that many at once cannot exceed the room together. Raises TooLarge."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"pictures:{current_schema()}"])
        cursor.execute(_USED)
        [used] = cursor.fetchone()
    if used + size > WORKSPACE_MOST_BYTES:
        raise TooLarge(
            f"The pictures of this workspace's runs fill {used / _MB:,.0f} of {WORKSPACE_MOST_BYTES // _MB:,} MB. Delete runs that nobody needs.",
            code="no_room",
        )
