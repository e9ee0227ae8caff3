"""What a run said to models, tools and other agents, and what they answered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from projects.models.runs import Run
from tenants.rows import Row


class ModelCall(Row):
    """One answer of a model, stored before anything goes outside because of it: a run that lost its worker does not pay for it twice, and a replay needs no model.

    `key` names the call inside its run (task, agent, number of the call in the task); `request_hash` tells whether it is the same question.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="model_calls")
    key = models.CharField(max_length=300)
    task = models.CharField(max_length=120)
    agent = models.CharField(max_length=120)
    request_hash = models.CharField(max_length=64)
    request = models.JSONField()
    reply = models.JSONField()
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=120)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))
    seconds = models.FloatField(default=0.0)
    cache_layer = models.CharField(
        max_length=16, blank=True, help_text="Where the answer came from, if from no provider."
    )

    class Meta:
        constraints = [models.UniqueConstraint(name="one_answer_per_call", fields=["run", "key"])]

    def __str__(self) -> str:
        return self.key


class Effect(Row):
    """One use of a tool: what touches the outside is noted before it happens, and every answer is kept."""

    class State(models.TextChoices):
        INTENDED = "intended", "Begun"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        REFUSED = "refused", "Refused"
        NEEDS_REVIEW = "needs_review", "Begun by a worker that died; nobody knows whether it happened"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="effects")
    key = models.CharField(max_length=300)
    task = models.CharField(max_length=120)
    agent = models.CharField(max_length=120)
    tool = models.CharField(max_length=100)
    arguments = models.JSONField()
    arguments_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State, default=State.INTENDED)
    answer = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_effect_per_key", fields=["run", "key"]),
            models.CheckConstraint(
                name="effect_state_is_known",
                condition=Q(state__in=["intended", "done", "failed", "refused", "needs_review"]),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class AgentMessage(Row):
    """One message between agents of a run, as it went over the bus."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="messages")
    sender = models.CharField(max_length=120)
    recipient = models.CharField(max_length=120, blank=True, help_text="Empty for a broadcast.")
    topic = models.CharField(max_length=120, blank=True)
    content: models.JSONField[Any, Any] = models.JSONField()
    kind = models.CharField(max_length=16, default="direct", help_text="direct, broadcast, topic, request or reply.")
    priority = models.PositiveSmallIntegerField(default=5)
    correlation_id = models.UUIDField(null=True, help_text="Joins a request and its reply.")
    state = models.CharField(max_length=16, default="sent", help_text="sent, or dead with the reason in `note`.")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(name="messages_of_run", fields=["run", "created_at"])]

    def __str__(self) -> str:
        return f"{self.sender} to {self.recipient or 'all'}"
