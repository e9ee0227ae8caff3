"""The end of a run."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from projects import events, metrics
from projects.asking.worker import withdraw
from projects.events import line
from projects.ledger.outcomes import tell_outcomes
from projects.models import AgentRun, Run
from projects.webhooks.announcing import announce_run
from tenants.clock import database_now
from tenants.context import current_schema


def close_run(run: Run, status: Run.Status, reason: str, detail: str, **more: Any) -> None:
    """End a run whose row the caller has locked, and tell whoever watches."""
    run.move_to(status)
    run.stop_reason, run.stop_detail, run.finished_at = reason, detail, database_now()
    for name, value in more.items():
        setattr(run, name, value)
    run.save(update_fields=["status", "stop_reason", "stop_detail", "finished_at", "updated_at", *more])
    if run.manifest_digests:
        tell_outcomes([run.pk], schema=current_schema())
    left = AgentRun.Status.SUCCEEDED if status == Run.Status.SUCCEEDED else AgentRun.Status.FAILED
    AgentRun.objects.filter(run=run, status=AgentRun.Status.RUNNING).update(status=left, finished_at=run.finished_at)
    withdraw(run)
    events.append(run.pk, [line("run.status", status=status, reason=reason, detail=detail)])
    transaction.on_commit(metrics.RUNS.labels(run.kind, status).inc, robust=True)
    announce_run(run, f"run.{status}")
