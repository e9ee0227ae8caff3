"""A new run, its first line, its entry in the audit log and its place in the queue: one statement, so all of it or nothing."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Model

from projects.events import line
from projects.ledger.encoding import encoded
from projects.models import Run, RunEvent
from projects.work.models import WorkItem
from tenants import statements
from tenants.context import current_schema
from tenants.workspace.models import AuditEntry

FIRST = 1  # the number of a story's first line

_START = """
WITH given AS (SELECT %s::json AS all_of),
run AS (INSERT INTO projects_run SELECT r.* FROM given, json_populate_record(NULL::projects_run, all_of -> 'run') r),
event AS (INSERT INTO projects_runevent (run_id, seq, type, data, created_at)
    SELECT run_id, seq, type, data, created_at FROM given, json_populate_record(NULL::projects_runevent, all_of -> 'event')),
audit AS (INSERT INTO workspace_auditentry
    SELECT a.* FROM given, json_populate_record(NULL::workspace_auditentry, all_of -> 'audit') a)
INSERT INTO public.work_workitem
SELECT w.* FROM given, jsonb_populate_record(
    NULL::public.work_workitem, (all_of -> 'work')::jsonb || jsonb_build_object('queued_at', now())) w"""


def store_new(run: Run, *, entry: AuditEntry, queue: str) -> RunEvent:
    """Store a run that is queued for the first time. Returns its first line, to be shown after the commit."""
    first = line("run.status", status=run.status)
    run.last_seq = FIRST
    event = RunEvent(run_id=run.pk, seq=FIRST, type=first.type, data=first.data, created_at=first.at)
    work = WorkItem(
        schema=current_schema(),
        kind=run.kind,
        object_id=run.pk,
        queue=queue,
        priority=run.priority,
        queued_at=first.at,  # PostgreSQL's clock decides
    )
    rows = {"run": _row(run), "event": _row(event), "audit": _row(entry), "work": _row(work)}
    statements.fetch(_START, [encoded(rows)])
    run._state.adding, run._state.db = False, connection.alias  # noqa: SLF001 - as Django's own save leaves it
    return event


def _row(row: Model) -> dict[str, Any]:
    return {str(field.column): field.pre_save(row, add=True) for field in row._meta.concrete_fields}
