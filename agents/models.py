"""The tables of this app. What agents may quote lives in its own room; Django looks for it here too."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from agents.knowledge.models import (
    Chunk,
    Document,
    Embedder,
    EmbeddingDay,
    KnowledgeCollection,
    PassageVector,
)
from agents.runtimes.spec import ChecksSpec, LimitsSpec, WaitingSpec
from tenants.rows import Row

__all__ = [
    "Agent",
    "Chunk",
    "Crew",
    "CrewAgent",
    "DefinitionVersion",
    "Document",
    "Embedder",
    "EmbeddingDay",
    "KnowledgeCollection",
    "PassageVector",
    "Task",
]


class Agent(Row):
    """A worker of this workspace; several crews may share it."""

    name = models.CharField(max_length=100)
    role = models.TextField()
    goal = models.TextField()
    backstory = models.TextField(blank=True)
    llm = models.CharField(max_length=200, blank=True, help_text="Empty for the workspace's default model.")
    temperature = models.FloatField(default=0.0)
    tools = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    max_iter = models.PositiveSmallIntegerField(default=25)
    max_seconds = models.PositiveIntegerField(default=0, help_text="For its work on one task; 0 for no bound.")
    max_tokens = models.PositiveIntegerField(default=0, help_text="Of one answer; 0 for the provider's own bound.")
    allow_delegation = models.BooleanField(default=False)
    collections = models.ManyToManyField(
        KnowledgeCollection, blank=True, help_text="What it may search; none means all."
    )
    library = models.CharField(
        max_length=40, blank=True, help_text="The class of the library that does its work; empty for CrewAI's loop."
    )
    came_with = models.UUIDField(null=True, help_text="The crew that it was made with, and is deleted with.")
    grants = ArrayField(
        models.CharField(max_length=300),
        null=True,
        blank=True,
        help_text="What whoever installed it allowed; null for an agent that was made here.",
    )
    bounds: models.JSONField[Any, Any] = models.JSONField(
        default=dict, blank=True, help_text="How far the grants go: methods, operations, approvals, usd; as in Bounds."
    )
    manifest_digest = models.CharField(
        max_length=71, blank=True, help_text="The manifest of the market that it was copied from."
    )

    class Meta:
        indexes = [models.Index(name="agents_newest", fields=["-created_at", "-id"])]
        constraints = [
            models.CheckConstraint(name="temperature_in_range", condition=Q(temperature__gte=0, temperature__lte=2))
        ]

    def __str__(self) -> str:
        return self.name


class Crew(Row):
    """Agents and their tasks. `source` says where an installed crew came from."""

    class Process(models.TextChoices):
        SEQUENTIAL = "sequential", "One after the other"
        HIERARCHICAL = "hierarchical", "A manager gives out the tasks"
        PARALLEL = "parallel", "At once, then put together"
        ADAPTIVE = "adaptive", "A router says which task is next"

    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True, max_length=10_000)
    process = models.CharField(max_length=16, choices=Process, default=Process.SEQUENTIAL)
    agents = models.ManyToManyField(Agent, through="CrewAgent", related_name="crews")
    manager = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.PROTECT, related_name="manages")
    manager_llm = models.CharField(max_length=200, blank=True, help_text="The model of the manager or the router.")
    max_parallel = models.PositiveSmallIntegerField(default=8)
    max_rounds = models.PositiveSmallIntegerField(default=10)
    inputs: models.JSONField[Any, Any] = models.JSONField(default=list, help_text="name, description, default of each.")
    limits: models.JSONField[Any, Any] = models.JSONField(
        default=dict, help_text="Bounds of one run, as in LimitsSpec."
    )
    trust_outside_content = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Nobody is asked before it sends something out after it has read what others wrote.",
    )
    source = models.CharField(max_length=200, blank=True)
    grants = ArrayField(
        models.CharField(max_length=300),
        null=True,
        blank=True,
        help_text="What whoever installed it allowed; null for a crew that was made here.",
    )
    bounds: models.JSONField[Any, Any] = models.JSONField(
        default=dict, blank=True, help_text="How far the grants go: methods, operations, approvals, usd; as in Bounds."
    )
    manifest_digest = models.CharField(
        max_length=71, blank=True, help_text="The manifest of the market that it was copied from."
    )

    class Meta:
        indexes = [models.Index(name="crews_newest", fields=["-created_at", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="crew_process_is_known",
                condition=Q(process__in=["sequential", "hierarchical", "parallel", "adaptive"]),
            ),
            models.CheckConstraint(
                name="crew_has_places_and_rounds",
                condition=Q(max_parallel__gte=1, max_parallel__lte=50, max_rounds__gte=1, max_rounds__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def own_limits(self) -> LimitsSpec:
        return LimitsSpec.model_validate(self.limits)


class CrewAgent(models.Model):
    """An agent's place in a crew."""

    crew = models.ForeignKey(Crew, on_delete=models.CASCADE, related_name="places")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="places")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position", "id")
        constraints = [models.UniqueConstraint(name="an_agent_once_per_crew", fields=["crew", "agent"])]

    def __str__(self) -> str:
        return f"{self.agent} in {self.crew}"


class Task(Row):
    """A piece of work of one crew, with the meanings of TaskSpec. `context` null means every earlier output, empty means none."""

    class OnFailure(models.TextChoices):
        STOP = "stop", "Stop the run"
        CONTINUE = "continue", "Go on without it"

    crew = models.ForeignKey(Crew, on_delete=models.CASCADE, related_name="tasks")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    description = models.TextField()
    expected_output = models.TextField()
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks")
    context = ArrayField(models.CharField(max_length=100), null=True, blank=True)
    condition = models.CharField(max_length=1000, blank=True)
    tools = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    ask_before_tools = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    ask_input: models.JSONField[Any, Any] = models.JSONField(
        default=list, help_text="name, description, default of each."
    )
    on_failure = models.CharField(max_length=8, choices=OnFailure, default=OnFailure.STOP)
    async_execution = models.BooleanField(default=False)
    markdown = models.BooleanField(default=False)
    human_input = models.BooleanField(default=False)
    sees_pictures = models.BooleanField(
        default=False,
        db_default=False,
        help_text="It is shown what the run is shown; where no task is, the first one is.",
    )
    waiting: models.JSONField[Any, Any] = models.JSONField(default=dict, help_text="As in WaitingSpec.")
    guardrail = models.TextField(blank=True)
    guardrail_max_retries = models.PositiveSmallIntegerField(default=3)
    checks: models.JSONField[Any, Any] = models.JSONField(default=dict, help_text="As in ChecksSpec.")
    output_schema: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    output_name = models.CharField(max_length=100, blank=True)
    output_kind = models.CharField(max_length=8, default="json", choices=[("json", "json"), ("pydantic", "pydantic")])
    llm = models.CharField(max_length=200, blank=True, help_text="Empty for the agent's own.")
    temperature = models.FloatField(null=True, blank=True)
    max_tokens = models.PositiveIntegerField(default=0)
    limits: models.JSONField[Any, Any] = models.JSONField(
        default=dict, help_text="As in LimitsSpec, for this task alone."
    )

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(name="one_task_of_a_name_per_crew", fields=["crew", "name"]),
            models.UniqueConstraint(
                name="one_task_per_position", fields=["crew", "position"], deferrable=models.Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def own_checks(self) -> ChecksSpec:
        return ChecksSpec.model_validate(self.checks)

    @property
    def own_limits(self) -> LimitsSpec:
        return LimitsSpec.model_validate(self.limits)

    @property
    def own_waiting(self) -> WaitingSpec:
        return WaitingSpec.model_validate(self.waiting)


class DefinitionVersion(Row):
    """How a crew (with its agents and tasks) or an agent was defined at some time. Rows are added, never changed."""

    class Kind(models.TextChoices):
        CREW = "crew", "Crew"
        AGENT = "agent", "Agent"

    kind = models.CharField(max_length=8, choices=Kind)
    subject_id = models.UUIDField()
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    made_by = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_version_of_a_number", fields=["kind", "subject_id", "number"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} version {self.number}"
