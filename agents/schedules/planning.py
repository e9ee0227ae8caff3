"""The next time of a schedule."""

from __future__ import annotations

from agents.schedules.models import Schedule
from agents.schedules.times import Times
from tenants.clock import database_now

KIND, QUEUE = "schedule", "default"


def plan(schedule: Schedule) -> float:
    """Set the next time, and give the seconds until then. Raises TimesInvalid."""
    now = database_now()
    schedule.next_at = Times.parse(schedule.cron, schedule.timezone).after(now)
    return (schedule.next_at - now).total_seconds()
