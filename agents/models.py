"""The tables of this app. What agents may quote lives in its own room; Django looks for it here too."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from agents.knowledge.models import Chunk, Document, KnowledgeCollection
from agents.runtimes.spec import LimitsSpec
from tenants.rows import Row

__all__ = ["Agent", "Chunk", "Crew", "CrewAgent", "Document", "KnowledgeCollection", "Task"]


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
    allow_delegation = models.BooleanField(default=False)
    collections = models.ManyToManyField(
        KnowledgeCollection, blank=True, help_text="What it may search; none means all."
    )
    came_with = models.UUIDField(null=True, help_text="The crew that it was made with, and is deleted with.")

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

    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True, max_length=10_000)
    process = models.CharField(max_length=16, choices=Process, default=Process.SEQUENTIAL)
    agents = models.ManyToManyField(Agent, through="CrewAgent", related_name="crews")
    manager = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.PROTECT, related_name="manages")
    manager_llm = models.CharField(max_length=200, blank=True)
    inputs: models.JSONField[Any, Any] = models.JSONField(default=list, help_text="name, description, default of each.")
    limits: models.JSONField[Any, Any] = models.JSONField(
        default=dict, help_text="Bounds of one run, as in LimitsSpec."
    )
    source = models.CharField(max_length=200, blank=True)
    grants = ArrayField(
        models.CharField(max_length=300),
        null=True,
        blank=True,
        help_text="What whoever installed it allowed; null for a crew that was made here.",
    )

    class Meta:
        indexes = [models.Index(name="crews_newest", fields=["-created_at", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="crew_process_is_known", condition=Q(process__in=["sequential", "hierarchical"])
            )
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
    """A piece of work of one crew. `context` null means every earlier output, empty means none."""

    crew = models.ForeignKey(Crew, on_delete=models.CASCADE, related_name="tasks")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    description = models.TextField()
    expected_output = models.TextField()
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks")
    context = ArrayField(models.CharField(max_length=100), null=True, blank=True)
    tools = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    async_execution = models.BooleanField(default=False)
    markdown = models.BooleanField(default=False)
    human_input = models.BooleanField(default=False)
    guardrail = models.TextField(blank=True)
    guardrail_max_retries = models.PositiveSmallIntegerField(default=3)
    output_schema: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    output_name = models.CharField(max_length=100, blank=True)
    output_kind = models.CharField(max_length=8, default="json", choices=[("json", "json"), ("pydantic", "pydantic")])

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
