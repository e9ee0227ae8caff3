"""What somebody says against a decision, and what another person made of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.moderation.models.decision import Decision
from marketplace.moderation.models.task import ReviewTask
from tenants.rows import Row


class Appeal(Row):
    """One decision is appealed once. Who decided first, or confirmed that, never decides here: a trigger refuses it."""

    class State(models.TextChoices):
        OPEN = "open", "Being read"
        UPHELD = "upheld", "The decision stands"
        OVERTURNED = "overturned", "The decision was taken back"

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="appeal")
    task = models.OneToOneField(ReviewTask, on_delete=models.PROTECT, related_name="appeal")
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=254)
    text = models.TextField()
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    assigned_to_id = models.UUIDField(null=True, blank=True)
    decided_by_id = models.UUIDField(null=True, blank=True)
    decided_by_name = models.CharField(max_length=254, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    outcome = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="appeal_state_is_known", condition=Q(state__in=["open", "upheld", "overturned"])
            ),
            models.CheckConstraint(
                name="decided_appeal_answers",
                condition=Q(state="open", decided_by_id__isnull=True, decided_at__isnull=True)
                | (
                    ~Q(state="open") & Q(decided_by_id__isnull=False, decided_at__isnull=False) & Q(answer__regex=r"\S")
                ),
            ),
            models.CheckConstraint(name="appeal_says_something", condition=Q(text__regex=r"\S")),
        ]

    def __str__(self) -> str:
        return f"Appeal by {self.by_name}"
