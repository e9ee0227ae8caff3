"""What may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from agents.models import Agent, Crew, KnowledgeCollection, Task
from agents.runtimes.checks import (
    INPUT_LIMIT,
    ITERATION_LIMIT,
    RETRY_LIMIT,
    SCHEMA_DEPTH,
    SCHEMA_LIMIT,
    TASK_LIMIT,
    TEXT_LIMIT,
    is_storable,
)

NAME, MODEL = 100, 200
LONGEST_FILE = 1_000_000


def _text(**more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=TEXT_LIMIT, trim_whitespace=False, **more)


def _names(**more: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=NAME), max_length=TASK_LIMIT, **more)


def storable(schema: dict[str, Any]) -> None:
    """Refuse what the database could not keep, before it is asked to; what it means is checked with the whole crew."""
    if not is_storable(schema) or b"\\u0000" in orjson.dumps(schema):
        detail = f"An output schema is at most {SCHEMA_LIMIT:,} bytes of JSON, nested at most {SCHEMA_DEPTH} deep, without NUL."
        raise serializers.ValidationError(detail, code="too_long")


class Strict(serializers.Serializer[Any]):
    """Inside a body too, a field that is not known is refused and not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(set(map(str, data)) - {name for name, field in self.fields.items() if not field.read_only})
            if unknown:
                refusal = ErrorDetail("This is not known here; remove it.", code="unknown")
                raise serializers.ValidationError({name: [refusal] for name in unknown})
        return super().to_internal_value(data)


class AgentIn(Strict):
    name = serializers.CharField(max_length=NAME)
    role = _text()
    goal = _text()
    backstory = _text(required=False, allow_blank=True)
    llm = serializers.CharField(max_length=MODEL, required=False, allow_blank=True)
    temperature = serializers.FloatField(min_value=0, max_value=2, required=False)
    tools = _names(required=False)
    max_iter = serializers.IntegerField(min_value=1, max_value=ITERATION_LIMIT, required=False)
    allow_delegation = serializers.BooleanField(required=False)
    collections = serializers.PrimaryKeyRelatedField(
        many=True,
        queryset=KnowledgeCollection.objects.all(),
        required=False,
        help_text="What it may search; none means all.",
    )


class AgentOut(serializers.ModelSerializer[Agent]):
    tools = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Agent
        fields = (
            "id",
            "name",
            "role",
            "goal",
            "backstory",
            "llm",
            "temperature",
            "tools",
            "max_iter",
            "allow_delegation",
            "collections",
            "created_at",
            "updated_at",
        )


class TaskFieldsIn(Strict):
    """What a task says, wherever it stands."""

    name = serializers.CharField(max_length=NAME)
    description = _text()
    expected_output = _text()
    context = _names(  # type: ignore[assignment]  # the stubs think of Field.context
        required=False, allow_null=True, help_text="Names of earlier tasks; null for all of them."
    )
    tools = _names(required=False)
    async_execution = serializers.BooleanField(required=False)
    markdown = serializers.BooleanField(required=False)
    human_input = serializers.BooleanField(required=False)
    guardrail = _text(required=False, allow_blank=True)
    guardrail_max_retries = serializers.IntegerField(min_value=0, max_value=RETRY_LIMIT, required=False)
    output_schema = serializers.DictField(
        required=False, allow_null=True, validators=[storable], help_text="A JSON Schema of an object."
    )
    output_name = serializers.CharField(max_length=NAME, required=False, allow_blank=True)


class TaskChange(TaskFieldsIn):
    """A change of a task; `position` counts from 0."""

    agent = serializers.PrimaryKeyRelatedField(queryset=Agent.objects.all(), required=False, allow_null=True)
    position = serializers.IntegerField(min_value=0, max_value=TASK_LIMIT, required=False)


class TaskIn(TaskFieldsIn):
    crew = serializers.PrimaryKeyRelatedField(queryset=Crew.objects.all())
    agent = serializers.PrimaryKeyRelatedField(queryset=Agent.objects.all(), required=False, allow_null=True)


class TaskOut(serializers.ModelSerializer[Task]):
    context = serializers.ListField(  # type: ignore[assignment]  # the stubs think of Field.context
        child=serializers.CharField(), allow_null=True
    )
    tools = serializers.ListField(child=serializers.CharField())
    output_schema = serializers.DictField(allow_null=True)

    class Meta:
        model = Task
        fields = (
            "id",
            "crew",
            "position",
            "name",
            "description",
            "expected_output",
            "agent",
            "context",
            "tools",
            "async_execution",
            "markdown",
            "human_input",
            "guardrail",
            "guardrail_max_retries",
            "output_schema",
            "output_name",
            "created_at",
            "updated_at",
        )


class InputIn(Strict):
    """A value that whoever starts the crew gives; it fills `{name}` in the texts."""

    name = serializers.RegexField(r"^[A-Za-z_][A-Za-z0-9_\-]*$", max_length=NAME)
    description = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")
    default = serializers.CharField(
        max_length=INPUT_LIMIT, required=False, allow_null=True, allow_blank=True, default=None, trim_whitespace=False
    )


class AgentOfCrewIn(AgentIn):
    """An agent that is made with its crew."""

    collections = None  # type: ignore[assignment]


class TaskOfCrewIn(TaskFieldsIn):
    """A task that is made with its crew; `agent` is a name."""

    agent = serializers.CharField(max_length=NAME, required=False, allow_blank=True)


class CrewIn(serializers.Serializer[Crew]):
    """A whole crew; its agents and tasks are made with it."""

    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    process = serializers.ChoiceField(Crew.Process.choices, required=False)
    manager = serializers.CharField(
        max_length=NAME, required=False, allow_blank=True, help_text="The name of an agent."
    )
    manager_llm = serializers.CharField(max_length=MODEL, required=False, allow_blank=True)
    inputs = InputIn(many=True, required=False)
    agents = AgentOfCrewIn(many=True, required=False)
    tasks = TaskOfCrewIn(many=True, required=False)


class CrewChange(serializers.Serializer[Crew]):
    """A change of a crew; `agents` lists all of its members by id."""

    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=10_000, allow_blank=True)
    process = serializers.ChoiceField(Crew.Process.choices)
    manager = serializers.PrimaryKeyRelatedField(queryset=Agent.objects.all(), allow_null=True)
    manager_llm = serializers.CharField(max_length=MODEL, allow_blank=True)
    inputs = InputIn(many=True)
    agents = serializers.PrimaryKeyRelatedField(many=True, queryset=Agent.objects.all())


class CrewLineOut(serializers.ModelSerializer[Crew]):
    """A crew in a list."""

    agent_count = serializers.IntegerField()
    task_count = serializers.IntegerField()

    class Meta:
        model = Crew
        fields = (
            "id",
            "name",
            "description",
            "process",
            "source",
            "agent_count",
            "task_count",
            "created_at",
            "updated_at",
        )


class LimitsOut(serializers.Serializer[Any]):
    """Bounds of one run; zero means that only the operator's hold."""

    seconds = serializers.IntegerField()
    model_calls = serializers.IntegerField()
    tokens = serializers.IntegerField()
    usd = serializers.FloatField()


class CrewOut(serializers.ModelSerializer[Crew]):
    """A crew, whole."""

    limits = LimitsOut(source="own_limits")
    inputs = InputIn(many=True)
    agents = serializers.SerializerMethodField()
    tasks = TaskOut(many=True)

    class Meta:
        model = Crew
        fields = (
            "id",
            "name",
            "description",
            "process",
            "manager",
            "manager_llm",
            "source",
            "limits",
            "inputs",
            "agents",
            "tasks",
            "created_at",
            "updated_at",
        )

    @extend_schema_field(AgentOut(many=True))
    def get_agents(self, crew: Crew) -> Any:
        return AgentOut([place.agent for place in crew.places.all()], many=True).data


@extend_schema_field(OpenApiTypes.STR)
class FileText(serializers.Field[Any, Any, Any, Any]):
    """The text of a file, sent as text or as an uploaded file."""

    def to_internal_value(self, data: Any) -> str | bytes:
        if isinstance(data, UploadedFile):
            content: bytes = data.read(LONGEST_FILE + 1)
            return content
        if not isinstance(data, str):
            raise serializers.ValidationError("Send the text of the file.", code="not_text")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class ImportIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    process = serializers.ChoiceField(Crew.Process.choices, required=False, default=Crew.Process.SEQUENTIAL)
    agents = FileText(help_text="The content of agents.yaml.")
    tasks = FileText(help_text="The content of tasks.yaml.")


class NoticeOut(serializers.Serializer[Any]):
    """Something that was read differently from how CrewAI reads it, or left out."""

    file = serializers.CharField(source="place.file")
    line = serializers.IntegerField(source="place.line")
    column = serializers.IntegerField(source="place.column")
    detail = serializers.CharField()


class ImportOut(serializers.Serializer[Any]):
    crew = CrewOut()
    notices = NoticeOut(many=True)


class ExportOut(serializers.Serializer[Any]):
    agents = serializers.CharField(help_text="The content of agents.yaml.")
    tasks = serializers.CharField(help_text="The content of tasks.yaml.")


class RunIn(serializers.Serializer[Any]):
    """Start a crew, or an agent whose one task is the input `task`."""

    crew = serializers.UUIDField(required=False)
    agent = serializers.UUIDField(required=False)
    project = serializers.UUIDField(required=False, allow_null=True)
    inputs = serializers.DictField(
        child=serializers.CharField(max_length=INPUT_LIMIT, allow_blank=True, trim_whitespace=False), required=False
    )
    seconds_allowed = serializers.IntegerField(min_value=1, required=False, allow_null=True)
