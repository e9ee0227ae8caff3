"""What people may do with schedules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from agents.models import Crew
from agents.schedules.models import Schedule
from agents.schedules.planning import KIND, QUEUE, plan
from agents.schedules.times import Times, TimesInvalid
from agents.services import check_schedule
from projects.models import Project
from projects.work import queue
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, FieldError, Invalid

MOST = 100
SHOWN_AHEAD = 5


@transaction.atomic
def create_schedule(*, crew: Crew, fields: Mapping[str, Any], project: Project | None, by: Member) -> Schedule:
    """Run `crew` at the times of `fields["cron"]`, in the name of `by`."""
    require_builder(by)
    if Schedule.objects.count() >= MOST:
        raise Conflict(f"A workspace has at most {MOST} schedules; delete one that is not used.", code="too_many")
    schedule = Schedule(crew=crew, project=project, made_by_id=by.user_id, made_by=by.name or by.email, **fields)
    _settle(schedule)
    audit.record("schedule.created", schedule, by=by, crew=crew.name, cron=schedule.cron)
    return schedule


@transaction.atomic
def update_schedule(*, schedule: Schedule, changes: Mapping[str, Any], by: Member) -> Schedule:
    """Change it; from then on it runs in the name of `by`, who answers for what it does."""
    require_builder(by)
    schedule = Schedule.objects.select_for_update().get(pk=schedule.pk)  # its times come meanwhile
    for field, value in changes.items():
        setattr(schedule, field, value)
    schedule.made_by_id, schedule.made_by = by.user_id, by.name or by.email
    if schedule.is_enabled:
        schedule.disabled_because = ""
    _settle(schedule)
    audit.record("schedule.changed", schedule, by=by, fields=sorted(changes))
    return schedule


@transaction.atomic
def delete_schedule(*, schedule: Schedule, by: Member) -> None:
    """Runs that it started stay."""
    require_builder(by)
    audit.record("schedule.deleted", schedule, by=by)
    queue.withdraw(kind=KIND, object_id=schedule.pk)
    schedule.delete()


def next_times(schedule: Schedule) -> list[datetime]:
    """The next times at which it will start, in UTC; none while it is switched off."""
    if not schedule.is_enabled:
        return []
    return list(islice(Times.parse(schedule.cron, schedule.timezone).all_after(timezone.now()), SHOWN_AHEAD))


def _settle(schedule: Schedule) -> None:
    """Check what would run, and put the next time into the queue. What is switched off need not be able to run."""
    seconds = _check_times(schedule)
    if schedule.is_enabled:
        check_schedule(crew=schedule.crew, inputs=schedule.inputs)
    else:
        schedule.next_at = None
    schedule.save()
    if schedule.is_enabled:
        queue.enqueue(kind=KIND, object_id=schedule.pk, queue=QUEUE, after=seconds)
    else:
        queue.withdraw(kind=KIND, object_id=schedule.pk)


def _check_times(schedule: Schedule) -> float:
    try:
        return plan(schedule)
    except TimesInvalid as refusal:
        field = "timezone" if "time zone" in str(refusal) else "cron"
        raise Invalid(str(refusal), errors=[FieldError(field, "times", str(refusal))]) from None
