"""What may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from agents.runtimes.checks import INPUT_LIMIT
from agents.schedules.models import Schedule
from agents.schedules.services import next_times


class ScheduleChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    inputs = serializers.DictField(
        child=serializers.CharField(max_length=INPUT_LIMIT, allow_blank=True, trim_whitespace=False), required=False
    )
    cron = serializers.CharField(max_length=100, help_text="minute hour day-of-month month day-of-week; or @daily.")
    timezone = serializers.CharField(max_length=64, required=False, help_text="As in Europe/Berlin; default UTC.")
    overlap = serializers.ChoiceField(choices=Schedule.Overlap.choices, required=False)
    is_enabled = serializers.BooleanField(required=False)


class ScheduleIn(ScheduleChange):
    crew = serializers.UUIDField()
    project = serializers.UUIDField(required=False, allow_null=True)


class ScheduleOut(serializers.ModelSerializer[Schedule]):
    crew = serializers.UUIDField(source="crew_id")
    project = serializers.UUIDField(source="project_id", allow_null=True)
    next_times = serializers.SerializerMethodField()

    class Meta:
        model = Schedule
        fields = (
            "id",
            "name",
            "crew",
            "project",
            "inputs",
            "cron",
            "timezone",
            "overlap",
            "is_enabled",
            "disabled_because",
            "next_at",
            "next_times",
            "last_at",
            "last_run_id",
            "last_outcome",
            "made_by",
            "created_at",
            "updated_at",
        )

    def get_next_times(self, schedule: Schedule) -> list[datetime]:
        return next_times(schedule)
