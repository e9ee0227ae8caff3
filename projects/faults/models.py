"""What went wrong, where, and whether it was put right without a person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from projects.models import Run
from tenants.rows import Row


class Category(models.TextChoices):
    """Every error belongs to one of these; docs/architecture.md says what is done about each."""

    VALIDATION = "validation", "Validation"
    AUTH = "auth", "Credential"
    RATE_LIMIT = "rate_limit", "Rate limit"
    PROVIDER = "provider", "Provider"
    TOOL = "tool", "Tool"
    DATA = "data", "Data"
    BUDGET = "budget", "Budget"
    PERMISSION = "permission", "Permission"
    INTERNAL = "internal", "Internal"


class How(models.TextChoices):
    """What put it right."""

    RETRY = "retry", "Tried again"
    FAILOVER = "failover", "Another provider answered"
    WAIT = "wait", "Waited"
    RESUME = "resume", "Another worker went on"
    REPAIR = "repair", "The agent was told and went on"
    ASK = "ask", "A person decided"


class Fault(Row):
    """One error. `detail` is a sentence without secrets; `run` is empty for what happened outside of runs."""

    OF_THE_MACHINE: ClassVar[frozenset[str]] = frozenset(
        {Category.AUTH, Category.RATE_LIMIT, Category.PROVIDER, Category.TOOL, Category.DATA, Category.INTERNAL}
    )

    run = models.ForeignKey(Run, null=True, on_delete=models.CASCADE, related_name="faults")
    agent = models.CharField(max_length=120, blank=True)
    task = models.CharField(max_length=120, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    category = models.CharField(max_length=16, choices=Category)
    code = models.CharField(max_length=64)
    detail = models.TextField()
    recovered = models.BooleanField(default=False)
    how = models.CharField(max_length=16, choices=How, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="fault_category_is_known", condition=Q(category__in=Category.values)),
            models.CheckConstraint(
                name="what_was_put_right_says_how", condition=Q(recovered=False) | Q(how__in=How.values)
            ),
        ]
        indexes = [
            models.Index(name="faults_newest", fields=["-created_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.category}: {self.code}"
