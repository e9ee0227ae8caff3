"""Tasks: what may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from agents.models import Agent, Crew, Task
from agents.runtimes.checks import RETRY_LIMIT, TASK_LIMIT, TEXT_LIMIT
from agents.serializers.fields import MODEL, NAME, InputIn, LimitsIn, LimitsOut, Strict, names, storable, text
from projects.models import Question


class ChecksIn(Strict):
    """What an answer must be, looked at without a model."""

    min_words = serializers.IntegerField(min_value=0, max_value=100_000, required=False)
    max_words = serializers.IntegerField(min_value=0, max_value=100_000, required=False)
    must_cite = serializers.BooleanField(required=False)
    must_match = serializers.CharField(max_length=500, required=False, allow_blank=True, trim_whitespace=False)


class ChecksOut(serializers.Serializer[Any]):
    """Zero, false and empty ask for nothing."""

    min_words = serializers.IntegerField()
    max_words = serializers.IntegerField()
    must_cite = serializers.BooleanField()
    must_match = serializers.CharField()


class WaitingIn(Strict):
    """How long a question of the task waits for a person, and what happens then; zero seconds mean the operator's setting."""

    seconds = serializers.IntegerField(min_value=0, max_value=7_776_000, required=False)
    at_deadline = serializers.ChoiceField(Question.AtDeadline.choices, required=False)
    default = serializers.CharField(max_length=TEXT_LIMIT, required=False, allow_blank=True)


class WaitingOut(serializers.Serializer[Any]):
    seconds = serializers.IntegerField()
    at_deadline = serializers.ChoiceField(Question.AtDeadline.choices)
    default = serializers.CharField()  # a field, not Field.default


class TaskFieldsIn(Strict):
    """What a task says, wherever it stands."""

    name = serializers.CharField(max_length=NAME)
    description = text()
    expected_output = text()
    context = names(  # type: ignore[assignment]  # the stubs think of Field.context
        required=False, allow_null=True, help_text="Names of earlier tasks; null for all of them."
    )
    condition = serializers.CharField(max_length=1_000, required=False, allow_blank=True)
    tools = names(required=False)
    ask_before_tools = names(required=False)
    ask_input = InputIn(many=True, required=False)
    on_failure = serializers.ChoiceField(Task.OnFailure.choices, required=False)
    async_execution = serializers.BooleanField(required=False)
    markdown = serializers.BooleanField(required=False)
    human_input = serializers.BooleanField(required=False)
    sees_pictures = serializers.BooleanField(
        required=False, help_text="It is shown the pictures of the run; where no task of the crew is, the first one is."
    )
    waiting = WaitingIn(required=False)
    guardrail = text(required=False, allow_blank=True)
    guardrail_max_retries = serializers.IntegerField(min_value=0, max_value=RETRY_LIMIT, required=False)
    checks = ChecksIn(required=False)
    llm = serializers.CharField(max_length=MODEL, required=False, allow_blank=True)
    temperature = serializers.FloatField(min_value=0, max_value=2, required=False, allow_null=True)
    max_tokens = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)
    limits = LimitsIn(required=False)
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
    ask_before_tools = serializers.ListField(child=serializers.CharField())
    ask_input = InputIn(many=True)
    waiting = WaitingOut(source="own_waiting")
    checks = ChecksOut(source="own_checks")
    limits = LimitsOut(source="own_limits")

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
            "condition",
            "tools",
            "ask_before_tools",
            "ask_input",
            "on_failure",
            "async_execution",
            "markdown",
            "human_input",
            "sees_pictures",
            "waiting",
            "guardrail",
            "guardrail_max_retries",
            "checks",
            "llm",
            "temperature",
            "max_tokens",
            "limits",
            "output_schema",
            "output_name",
            "created_at",
            "updated_at",
        )


class TaskOfCrewIn(TaskFieldsIn):
    """A task that is made with its crew; `agent` is a name."""

    agent = serializers.CharField(max_length=NAME, required=False, allow_blank=True)
