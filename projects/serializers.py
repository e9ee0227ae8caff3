"""What may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projects import queries
from projects.budgets.serializers import RunBudgetOut
from projects.models import AgentMessage, AgentRun, Project, Run, RunEvent
from tenants.wire.showing import show_all


class ProjectIn(serializers.Serializer[Project]):
    name = serializers.CharField(max_length=80)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class ProjectOut(serializers.ModelSerializer[Project]):
    class Meta:
        model = Project
        fields = ("id", "name", "description", "created_at", "updated_at")


class UsageOut(serializers.Serializer[Run]):
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    cost = serializers.DecimalField(max_digits=12, decimal_places=6)


class AgentRunOut(serializers.ModelSerializer[AgentRun]):
    class Meta:
        model = AgentRun
        fields = (
            "id",
            "task",
            "agent",
            "position",
            "attempt",
            "status",
            "prompt_tokens",
            "completion_tokens",
            "cost",
            "note",
            "started_at",
            "finished_at",
        )


class RunLineOut(serializers.ModelSerializer[Run]):
    """A run in a list."""

    project = serializers.UUIDField(source="project_id")
    usage = UsageOut(source="*")
    offline = serializers.BooleanField(source="is_offline")

    class Meta:
        model = Run
        fields = (
            "id",
            "title",
            "kind",
            "subject_id",
            "project",
            "status",
            "stop_reason",
            "stop_detail",
            "provider",
            "model",
            "offline",
            "usage",
            "started_by",
            "created_at",
            "started_at",
            "finished_at",
        )


class QueueOut(serializers.Serializer[queries.QueuePlace]):
    position = serializers.IntegerField()
    expected_seconds = serializers.IntegerField(allow_null=True)


class PictureOut(serializers.Serializer[Any]):
    """A picture that a run is shown, without its bytes: `runs/{id}/pictures/{number}/` has those, from 1."""

    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    sha256 = serializers.CharField()


class RunOut(RunLineOut):
    """A run, whole. While it waits for its turn, `queue` says where it stands."""

    inputs = serializers.DictField(child=serializers.CharField())
    pictures = serializers.SerializerMethodField()
    output_json = serializers.JSONField(allow_null=True)
    agent_runs = serializers.SerializerMethodField()
    budget = RunBudgetOut(source="*")
    queue = serializers.SerializerMethodField()

    class Meta(RunLineOut.Meta):
        fields = (  # type: ignore[assignment]
            *RunLineOut.Meta.fields,
            "inputs",
            "pictures",
            "output",
            "output_json",
            "agent_runs",
            "budget",
            "priority",
            "queue",
            "origin",
            "parent",
            "branch_task",
            "edits",
            "waiting_since",
            "seconds_allowed",
            "deadline_at",
            "cancel_requested_at",
            "last_seq",
        )

    @extend_schema_field(PictureOut(many=True))
    def get_pictures(self, run: Run) -> list[dict[str, Any]]:
        return list(run.pictures or ())

    @extend_schema_field(AgentRunOut(many=True))
    def get_agent_runs(self, run: Run) -> Any:
        return show_all(AgentRunOut, queries.agent_runs_of(run))

    @extend_schema_field(QueueOut(allow_null=True))
    def get_queue(self, run: Run) -> dict[str, Any] | None:
        place = queries.queue_place(run)
        return None if place is None else place._asdict()


class RunEventOut(serializers.Serializer[RunEvent]):
    """An event, in the form that the WebSocket has too."""

    type = serializers.CharField()
    topic = serializers.SerializerMethodField()
    seq = serializers.IntegerField()
    timestamp = serializers.DateTimeField(source="created_at")
    data = serializers.DictField()  # type: ignore[assignment]  # a field, not the serializer's own `data`

    def get_topic(self, event: RunEvent) -> str:
        return f"run:{event.run_id}"


class EventPageOut(serializers.Serializer[Any]):
    results = RunEventOut(many=True)
    last_seq = serializers.IntegerField()


class MessageOut(serializers.ModelSerializer[AgentMessage]):
    content = serializers.JSONField()

    class Meta:
        model = AgentMessage
        fields = (
            "id",
            "kind",
            "sender",
            "recipient",
            "topic",
            "content",
            "priority",
            "correlation_id",
            "state",
            "note",
            "created_at",
        )


class TicketOut(serializers.Serializer[Any]):
    ticket = serializers.CharField()
    expires_in = serializers.IntegerField()
