"""When a crew runs by itself."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from agents.models import Crew
from projects.models import Project
from tenants.rows import Row


class Schedule(Row):
    """A crew, its inputs, and the times at which it starts, in the name of who made it."""

    class Overlap(models.TextChoices):
        SKIP = "skip", "Skip this time"
        QUEUE = "queue", "Start beside it"

    name = models.CharField(max_length=120)
    crew = models.ForeignKey(Crew, on_delete=models.PROTECT, related_name="schedules")
    project = models.ForeignKey(Project, null=True, on_delete=models.SET_NULL, related_name="+")
    inputs: models.JSONField[Any, Any] = models.JSONField(default=dict)
    cron = models.CharField(max_length=100, help_text="minute hour day-of-month month day-of-week")
    timezone = models.CharField(max_length=64, default="UTC")
    overlap = models.CharField(
        max_length=8, choices=Overlap, default=Overlap.SKIP, help_text="What to do while the run before is not done."
    )
    is_enabled = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=300, blank=True)
    next_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    last_run_id = models.UUIDField(null=True)
    last_outcome = models.CharField(max_length=300, blank=True)
    made_by_id = models.UUIDField()
    made_by = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_enabled_schedule_has_a_time", condition=Q(is_enabled=False) | Q(next_at__isnull=False)
            ),
            models.CheckConstraint(name="schedule_overlap_is_known", condition=Q(overlap__in=["skip", "queue"])),
        ]
        indexes = [models.Index(name="schedules_newest", fields=["-created_at", "-id"])]

    def __str__(self) -> str:
        return self.name
