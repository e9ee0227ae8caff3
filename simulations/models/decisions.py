"""What was decided in a play, and the answers that a workspace has paid for."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from simulations.models.plays import Simulation


class Source(models.TextChoices):
    RULE = "rule", "Rule"
    CACHE = "cache", "Answer known before"
    LLM = "llm", "Model"
    CREW = "crew", "Crew"
    HUMAN = "human", "Person"
    FALLBACK = "fallback", "Fallback"
    REPLAY = "replay", "Replay"


SOURCES = ["rule", "cache", "llm", "crew", "human", "fallback", "replay"]


class Paid(models.Model):
    """What an answer is and what it took. `options`: [[action, {argument: value}, weight]]."""

    key = models.BinaryField(max_length=16)
    options = models.JSONField()
    reason = models.TextField(blank=True)
    exchange = models.JSONField(null=True, help_text="{prompt, answer, model}, where somebody was asked.")
    calls = models.PositiveIntegerField(default=0)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=14, decimal_places=6, default=Decimal(0))
    seconds = models.FloatField(default=0.0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Decision(Paid):
    """One decision of a play, for all agents in the same situation at a step. `lasting`: valid from then on."""

    id = models.BigAutoField(primary_key=True)
    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="decision_log")
    step = models.PositiveIntegerField()
    archetype = models.CharField(max_length=60)
    agent = models.PositiveIntegerField(help_text="The first agent that it was for.")
    count = models.PositiveIntegerField(default=1)
    source = models.CharField(max_length=8, choices=Source)
    lasting = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_decision_per_situation", fields=["simulation", "step", "key"]),
            models.CheckConstraint(name="source_of_a_decision_is_known", condition=Q(source__in=SOURCES)),
            models.CheckConstraint(name="cost_of_a_decision_is_not_negative", condition=Q(cost__gte=0, seconds__gte=0)),
        ]
        ordering = ("step", "id")

    def __str__(self) -> str:
        return f"{self.source} at step {self.step}"


class Answer(Paid):
    """An answer that this workspace has paid for: kept before it is used, given again to every play of the scenario."""

    id = models.BigAutoField(primary_key=True)
    scenario_digest = models.CharField(max_length=64)
    source = models.CharField(max_length=8, choices=Source, default=Source.LLM)
    lasting = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_answer_per_situation", fields=["scenario_digest", "key"]),
            models.CheckConstraint(name="source_of_an_answer_is_known", condition=Q(source__in=SOURCES)),
            models.CheckConstraint(name="cost_of_an_answer_is_not_negative", condition=Q(cost__gte=0, seconds__gte=0)),
        ]

    def __str__(self) -> str:
        return f"answer to {bytes(self.key).hex()}"


class PaidCall(models.Model):
    """One call inside a deliberation, kept as it came: a crew that is cut off goes on from there."""

    id = models.BigAutoField(primary_key=True)
    scenario_digest = models.CharField(max_length=64)
    key = models.BinaryField(max_length=16)
    reply = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_paid_call_per_key", fields=["scenario_digest", "key"])]

    def __str__(self) -> str:
        return f"call {bytes(self.key).hex()}"
