"""From an id to a row."""

from __future__ import annotations

from uuid import UUID

from agents.schedules.models import Schedule
from tenants.access import Member
from tenants.errors import NotFound


def get_schedule(member: Member, schedule_id: UUID) -> Schedule:
    schedule = Schedule.objects.select_related("crew").filter(pk=schedule_id).first()
    if schedule is None:
        raise NotFound("There is no such schedule in this workspace.")
    return schedule
