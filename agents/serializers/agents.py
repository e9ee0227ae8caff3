"""Agents: what may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from rest_framework import serializers

from agents.models import Agent, KnowledgeCollection
from agents.runtimes.checks import ITERATION_LIMIT
from agents.serializers.fields import MODEL, NAME, Strict, names, text


class AgentIn(Strict):
    name = serializers.CharField(max_length=NAME)
    role = text()
    goal = text()
    backstory = text(required=False, allow_blank=True)
    llm = serializers.CharField(max_length=MODEL, required=False, allow_blank=True)
    temperature = serializers.FloatField(min_value=0, max_value=2, required=False)
    tools = names(required=False)
    max_iter = serializers.IntegerField(min_value=1, max_value=ITERATION_LIMIT, required=False)
    max_seconds = serializers.IntegerField(min_value=0, max_value=86_400, required=False)
    max_tokens = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)
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
            "max_seconds",
            "max_tokens",
            "allow_delegation",
            "library",
            "collections",
            "created_at",
            "updated_at",
        )


class AgentOfCrewIn(AgentIn):
    """An agent that is made with its crew."""

    collections = None  # type: ignore[assignment]
