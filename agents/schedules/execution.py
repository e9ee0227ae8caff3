"""Starting what is due. The work item of a schedule sleeps until its next time, so nobody has to look for what is due."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from agents.schedules.models import Schedule
from agents.schedules.planning import KIND, plan
from agents.services import start_crew_run
from projects.models import Run
from projects.work.leases import Ending, Lease
from tenants.access import Member, who_answers
from tenants.clock import database_now
from tenants.context import PUBLIC, enter
from tenants.errors import DomainError
from tenants.models import Tenant

__all__ = ["KIND", "give_up", "run"]

EARLY = timedelta(seconds=1)


def run(lease: Lease) -> Ending:
    """Start the crew if its time has come, and rest until the next time.

    The run and the next time are stored in one transaction: a worker that dies here starts it once or not yet, never twice.
    """
    maker = _maker(lease)
    with transaction.atomic():
        schedule = Schedule.objects.select_for_update().filter(pk=lease.object_id, is_enabled=True).first()
        if schedule is None or schedule.next_at is None:
            return "done"
        now = database_now()
        early = schedule.next_at - now
        if early > EARLY:
            lease.pause = early.total_seconds()
            return "queued"
        schedule.last_at = now
        if maker is None:
            return _switch_off(schedule, f"{schedule.made_by} may not start runs here any more.")
        schedule.last_outcome = _started(schedule, maker)
        lease.pause = plan(schedule)
        schedule.save()
    return "queued"


def give_up(schedule_id: UUID, reason: str) -> None:
    with transaction.atomic():
        schedule = Schedule.objects.select_for_update().filter(pk=schedule_id).first()
        if schedule is not None:
            _switch_off(schedule, reason)


def _maker(lease: Lease) -> Member | None:
    """Who answers for what the schedule starts, as they may act now; None when they may not."""
    user_id = Schedule.objects.filter(pk=lease.object_id).values_list("made_by_id", flat=True).first()
    with enter(PUBLIC):
        tenant = Tenant.objects.filter(schema_name=lease.schema).first()
    return who_answers(user_id, tenant)


def _started(schedule: Schedule, maker: Member) -> str:
    """Start the run, or say why not; a refusal is no crash, and the next time is another chance."""
    last = Run.objects.filter(pk=schedule.last_run_id).first() if schedule.last_run_id else None
    if schedule.overlap == Schedule.Overlap.SKIP and last is not None and not last.has_ended:
        return "Skipped: the run before was not done."
    try:
        with transaction.atomic():
            started = start_crew_run(
                crew=schedule.crew,
                inputs=schedule.inputs,
                project=schedule.project,
                by=maker,
                origin=Run.Origin.SCHEDULE,
                origin_id=schedule.pk,
            )
    except DomainError as refusal:
        return f"Not started: {refusal.detail}"[:300]
    schedule.last_run_id = started.pk
    return "Started."


def _switch_off(schedule: Schedule, why: str) -> Ending:
    schedule.is_enabled, schedule.next_at, schedule.disabled_because = False, None, why[:300]
    schedule.save()
    return "done"
