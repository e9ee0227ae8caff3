"""What something from the market tried in a run without having been allowed to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from projects.models.runs import Run
from tenants.rows import Row


class PermissionViolation(Row):
    """One attempt that was stopped. `tried` is for the workspace alone; the platform hears only of `kind`."""

    class Kind(models.TextChoices):
        TOOL = "tool", "A tool"
        NETWORK = "network", "An address"
        MODEL = "model", "A model"
        KNOWLEDGE = "knowledge", "Documents"
        FILES = "files", "Files"
        MESSAGES = "messages", "Messages"
        DELEGATE = "delegate", "Other agents' work"
        BUDGET = "budget", "Money"
        APPROVAL = "approval", "A person's leave"
        COMPUTE = "compute", "Processor time"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="violations")
    task = models.CharField(max_length=120, blank=True)
    agent = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=16, choices=Kind)
    code = models.CharField(max_length=300, help_text="The permission that was lacking.")
    tried = models.CharField(max_length=1000, help_text="In a sentence.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="violation_kind_is_known",
                condition=Q(
                    kind__in=[
                        "tool", "network", "model", "knowledge", "files", "messages", "delegate", "budget", "approval",
                        "compute",
                    ]
                ),
            )
        ]  # fmt: skip
        indexes = [models.Index(name="violations_of_run", fields=["run", "created_at"])]

    def __str__(self) -> str:
        return f"{self.code}: {self.tried}"
