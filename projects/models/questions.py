"""What a run asks a person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from projects.models.runs import Run
from tenants.rows import Row


class Question(Row):
    """What a run asks a person. While it is open the run waits and holds no worker.

    `answer` is `{"action", "text", "data"}`. An expired question has one too, where its deadline gave it.
    """

    class Kind(models.TextChoices):
        REVIEW = "review", "Review an answer"
        APPROVAL = "approval", "Allow a tool"
        INPUT = "input", "Give an input"
        BUDGET = "budget", "Allow to spend more"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"
        EXPIRED = "expired", "Expired"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class AtDeadline(models.TextChoices):
        FAIL = "fail", "The run fails"
        APPROVE = "approve", "Taken as approved"
        DEFAULT = "default", "The default is used"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="questions")
    key = models.CharField(max_length=300)
    kind = models.CharField(max_length=16, choices=Kind)
    task = models.CharField(max_length=120, blank=True)
    agent = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    draft = models.TextField(blank=True, help_text="The answer to be reviewed.")
    details = models.JSONField(default=dict)
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    deadline_at = models.DateTimeField(null=True)
    at_deadline = models.CharField(max_length=16, choices=AtDeadline, default=AtDeadline.FAIL)
    default_answer = models.JSONField(null=True, help_text="What is answered at the deadline, where a default is used.")
    remind_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    assignee_id = models.UUIDField(null=True)
    assignee = models.CharField(max_length=254, blank=True)
    answer = models.JSONField(null=True)
    answered_by_id = models.UUIDField(null=True)
    answered_by = models.CharField(max_length=254, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_question_per_key", fields=["run", "key"]),
            models.CheckConstraint(
                name="an_answered_question_has_an_answer", condition=~Q(status="answered") | Q(answer__isnull=False)
            ),
            models.CheckConstraint(
                name="question_status_is_known", condition=Q(status__in=["open", "answered", "expired", "withdrawn"])
            ),
            models.CheckConstraint(
                name="what_happens_at_the_deadline_is_known",
                condition=Q(at_deadline__in=["fail", "approve", "default"]),
            ),
            models.CheckConstraint(
                name="a_default_is_there_to_be_used",
                condition=~Q(at_deadline="default") | Q(default_answer__isnull=False),
            ),
        ]
        indexes = [models.Index(name="questions_open", fields=["status", "deadline_at"])]

    def __str__(self) -> str:
        return self.key
