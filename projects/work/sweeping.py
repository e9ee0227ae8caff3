"""Taking back what dead workers held, straight from PostgreSQL: nothing else need be up for it."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import connection, transaction

from projects.work import owners, queue
from tenants.context import enter

log = logging.getLogger("guildhall.work")
HINT_AGAIN_SECONDS = 10

_LOST = """
UPDATE work_workitem SET crashes = crashes + 1, owner = '', lease_until = NULL, queued_at = now(), hinted_at = NULL, updated_at = now(),
       state = CASE WHEN crashes + 1 >= %s THEN 'failed' ELSE 'queued' END
WHERE id IN (SELECT id FROM work_workitem WHERE state = 'running' AND (lease_until < now() OR owner = ANY(%s)) LIMIT 500 FOR UPDATE SKIP LOCKED)
RETURNING schema, kind, object_id, state, crashes"""

_TELL_LATER = """
UPDATE work_workitem SET state = 'running', owner = 'sweeper', lease_until = now() - interval '1 second', updated_at = now()
WHERE schema = %s AND kind = %s AND object_id = %s AND state = 'failed'"""

_UNHEARD = """
UPDATE work_workitem SET hinted_at = now()
WHERE id IN (SELECT id FROM work_workitem WHERE state = 'queued' AND queued_at <= now()
             AND coalesce(hinted_at, queued_at) < now() - %s * interval '1 second' LIMIT 500 FOR UPDATE SKIP LOCKED)
RETURNING queue, kind"""


def sweep() -> None:
    """Take back what nobody holds any more, give up on what crashed too often, hint again at what nobody heard of.

    A lease is lost when it has expired, or when its owner was a neighbour of ours and has ended. Any number may sweep at once.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOST, [queue.most_crashes(), owners.dead()])
        lost = cursor.fetchall()
    for schema, kind, object_id, state, crashes in lost:
        log.warning("%s %s in %s lost its worker (%s times)", kind, object_id, schema, crashes)
        if state == "failed":
            _give_up(schema, kind, object_id, f"Its worker died {crashes} times; it will not be tried again.")
    with connection.cursor() as cursor:
        cursor.execute(_UNHEARD, [0 if lost else HINT_AGAIN_SECONDS])
        unheard = cursor.fetchall()
    for name, kind in unheard:
        if not queue.hint(name, kind, loudly=True):  # loudly: a runner that is frozen still counts as a listener
            break


def _give_up(schema: str, kind: str, object_id: UUID, reason: str) -> None:
    """Tell the owner of the work. One that cannot be told now is told at a later sweep, and holds up nobody else."""
    try:
        with enter(schema):
            queue.kind_of(kind).give_up(object_id, reason)
    except Exception:  # `give_up` is any app's, and a bug of one must not hold up the others
        log.exception("%s %s in %s could not be given up", kind, object_id, schema)
        with connection.cursor() as cursor:
            cursor.execute(_TELL_LATER, [schema, kind, object_id])
