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

DEFAULT_PROJECT = "General"
FIRST = 1  # the number of a story's first line

_START = """
WITH given AS (SELECT %(rows)s::json AS all_of, id AS project_id FROM projects_project
    WHERE CASE WHEN %(project)s::uuid IS NULL THEN name = %(usual)s ELSE id = %(project)s::uuid END),
run AS (INSERT INTO projects_run SELECT r.* FROM given, json_populate_record(
    jsonb_populate_record(NULL::projects_run, jsonb_build_object('project_id', project_id)), all_of -> 'run') r),
event AS (INSERT INTO projects_runevent (run_id, seq, type, data, created_at)
    SELECT run_id, seq, type, data, created_at FROM given, json_populate_record(NULL::projects_runevent, all_of -> 'event')),
audit AS (INSERT INTO workspace_auditentry
    SELECT a.* FROM given, json_populate_record(NULL::workspace_auditentry, all_of -> 'audit') a),
work AS (INSERT INTO public.work_workitem
    SELECT w.* FROM given, jsonb_populate_record(
        NULL::public.work_workitem, (all_of -> 'work')::jsonb || jsonb_build_object('queued_at', now())) w)
SELECT project_id FROM given"""


def store_new(run: Run, *, entry: AuditEntry, queue: str) -> bool:
    """Store a run that is queued for the first time; one without a project goes into the usual one. False where there is no such project.

    Nobody can listen to a run that nobody knows of, so its first line is not shown live.
    """
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
    del rows["run"]["project_id"]
    values = {"rows": encoded(rows), "project": run.project_id, "usual": DEFAULT_PROJECT}
    stored = statements.fetch(_START, values)
    if not stored:
        return False
    run.project_id = stored[0][0]
    run._state.adding, run._state.db = False, connection.alias  # noqa: SLF001 - as Django's own save leaves it
    return True


def _row(row: Model) -> dict[str, Any]:
    return {str(field.column): field.pre_save(row, add=True) for field in row._meta.concrete_fields}
