"""The usual beginning of a run: nobody had it before, nothing is on record, nobody asked to be told. One statement."""

from __future__ import annotations

import json
from functools import partial
from uuid import UUID

from django.db import transaction

from projects import events, metrics
from projects.ledger.marks import marks_of
from projects.models import Run, RunEvent
from projects.work.leases import Lease
from tenants import statements
from tenants.lookups import Lookup
from tenants.provenance import revoked

_runs = Lookup(Run.objects.filter, pk=UUID)
_TOLD = {"status": "running", "resumed": False}

_BEGIN = """
WITH begun AS (
    UPDATE projects_run SET status = 'running', fence = %(fence)s, last_seq = last_seq + 1, updated_at = now(), started_at = now(),
        deadline_at = coalesce(deadline_at, now() + seconds_allowed * interval '1 second')
    WHERE id = %(run)s AND status = 'queued' AND fence = 0
          AND NOT EXISTS (SELECT FROM webhooks_webhook WHERE is_enabled AND 'run.started' = ANY(events))
    RETURNING started_at, deadline_at, last_seq
), told AS (
    INSERT INTO projects_runevent (run_id, seq, type, data, created_at)
    SELECT %(run)s, last_seq, 'run.status', %(told)s::jsonb, started_at FROM begun)
SELECT * FROM begun"""


def begun_first(lease: Lease) -> Run | None:
    """The run, running under this lease, with `moment` as in `opened`; None where more has to be looked at, and nothing was done."""
    run = _runs.first(lease.object_id)
    if run is None or not _is_plain(run):
        return None
    values = {"run": run.pk, "fence": lease.fence, "told": json.dumps(_TOLD)}
    for started_at, deadline_at, seq in statements.fetch(_BEGIN, values):
        run.status, run.fence, run.last_seq = Run.Status.RUNNING, lease.fence, seq
        run.started_at, run.deadline_at = started_at, deadline_at
        run.moment = started_at  # type: ignore[attr-defined]  # annotated where it is opened in full
        metrics.QUEUE_WAIT.observe((started_at - run.created_at).total_seconds())
        first = RunEvent(run_id=run.pk, seq=seq, type="run.status", data=_TOLD, created_at=started_at)
        transaction.on_commit(partial(events.publish_events, [first]))
        return run
    return None


def _is_plain(run: Run) -> bool:
    """Whether it brings nothing along: branches and replays begin with what was copied from their parent."""
    copied = run.parent_id is not None or run.origin in {Run.Origin.BRANCH, Run.Origin.REPLAY}
    return not copied and not run.was_begun and revoked.hard(marks_of(run)) is None
