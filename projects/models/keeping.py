"""Finished runs that are kept as tests of their crew, and what became of each test."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from projects.models.runs import Run
from tenants.rows import Row


class KeptRun(Row):
    """A finished run whose inputs and answers are a test of its crew. The run cannot be deleted while it is kept."""

    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="kept")
    subject_id = models.UUIDField(db_index=True, help_text="The crew or agent that it tests.")
    name = models.CharField(max_length=120)
    kept_by_id = models.UUIDField()
    kept_by = models.CharField(max_length=254)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(name="one_test_of_a_name_per_crew", fields=["subject_id", "name"])]

    def __str__(self) -> str:
        return self.name


class Trial(Row):
    """One kept run tried against its crew as it stood at that moment.

    `report` has an entry per task: `{task, verdict, prompt_diff, output_diff, …}`, in the order of the crew.
    """

    class Mode(models.TextChoices):
        RECORDED = "recorded", "With the recorded answers"
        LIVE = "live", "Asking the models again"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        SAME = "same", "The same"
        CHANGED = "changed", "Changed"
        FAILED = "failed", "Failed"

    kept = models.ForeignKey(KeptRun, on_delete=models.CASCADE, related_name="trials")
    batch_id = models.UUIDField(db_index=True, help_text="What was started together has one.")
    mode = models.CharField(max_length=16, choices=Mode)
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    detail = models.TextField(blank=True)
    snapshot = models.JSONField(help_text="The crew as it was tried.")
    report = models.JSONField(default=list)
    run = models.ForeignKey(
        Run, null=True, on_delete=models.SET_NULL, related_name="trials", help_text="The run of a live trial."
    )
    started_by_id = models.UUIDField()
    started_by = models.CharField(max_length=254)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(
                name="trial_status_is_known",
                condition=Q(status__in=["queued", "running", "same", "changed", "failed"]),
            ),
            models.CheckConstraint(
                name="a_judged_trial_says_when",
                condition=Q(status__in=["queued", "running"]) | Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kept_id} ({self.status})"
