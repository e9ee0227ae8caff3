"""Crews: what may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agents.models import Agent, Crew
from agents.serializers.agents import AgentOfCrewIn, AgentOut
from agents.serializers.fields import MODEL, NAME, InputIn, LimitsIn, LimitsOut
from agents.serializers.tasks import TaskOfCrewIn, TaskOut

TRUST = "True: nobody is asked before it sends something out after it has read what others wrote."


class CrewIn(serializers.Serializer[Crew]):
    """A whole crew; its agents and tasks are made with it."""

    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    process = serializers.ChoiceField(Crew.Process.choices, required=False)
    manager = serializers.CharField(
        max_length=NAME, required=False, allow_blank=True, help_text="The name of an agent."
    )
    manager_llm = serializers.CharField(max_length=MODEL, required=False, allow_blank=True)
    max_parallel = serializers.IntegerField(min_value=1, max_value=50, required=False)
    max_rounds = serializers.IntegerField(min_value=1, max_value=100, required=False)
    limits = LimitsIn(required=False)
    trust_outside_content = serializers.BooleanField(required=False, help_text=TRUST)
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
    max_parallel = serializers.IntegerField(min_value=1, max_value=50)
    max_rounds = serializers.IntegerField(min_value=1, max_value=100)
    limits = LimitsIn()
    trust_outside_content = serializers.BooleanField(help_text=TRUST)
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
            "max_parallel",
            "max_rounds",
            "source",
            "trust_outside_content",
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
