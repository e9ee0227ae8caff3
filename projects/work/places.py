"""Where something stands in the queue."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from tenants import statements
from tenants.context import current_schema


class Place(NamedTuple):
    """`position` counts from one in the order in which claims are made; `running` items of the queue are under way now.

    `own_position` and `own_running` are the same among the workspace's own; `limit` is how many it may have running (0: any number).
    """

    position: int
    running: int
    own_position: int
    own_running: int
    limit: int


_PLACE = """
WITH busy AS (
    SELECT schema, count(*) AS running FROM public.work_workitem WHERE state = 'running' AND queue = %(queue)s GROUP BY schema
), waiting AS (
    SELECT w.object_id, w.kind, w.schema, w.queued_at, coalesce(b.running, 0) AS own_running,
           coalesce(t.begun_at, '-infinity') AS begun_at,
           row_number() OVER (PARTITION BY w.schema ORDER BY w.priority DESC, w.queued_at) AS own
    FROM public.work_workitem w LEFT JOIN busy b ON b.schema = w.schema
    LEFT JOIN public.work_turn t ON t.schema = w.schema AND t.queue = w.queue
    WHERE w.state = 'queued' AND w.queue = %(queue)s AND w.queued_at <= now()
), mine AS (
    SELECT * FROM waiting WHERE schema = %(schema)s AND kind = %(kind)s AND object_id = %(object)s
)
SELECT (SELECT count(*) FROM waiting w
        WHERE (w.own_running + w.own, w.begun_at, w.queued_at) <= (m.own_running + m.own, m.begun_at, m.queued_at)),
       (SELECT coalesce(sum(running), 0) FROM busy), m.own, m.own_running,
       (SELECT coalesce(t.runs_at_once, 0) FROM public.tenants_tenant t WHERE t.schema_name = %(schema)s)
FROM mine m"""


def place_of(*, kind: str, object_id: UUID, queue: str) -> Place | None:
    """The place of work of the current tenant; None when it does not wait, or is not due yet."""
    values: dict[str, Any] = {"queue": queue, "schema": current_schema(), "kind": kind, "object": object_id}
    found = statements.fetch(_PLACE, values)
    return Place(*map(int, found[0])) if found else None
