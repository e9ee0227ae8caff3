"""Projects and the run ledger: what ran, who did what, every step's result, every line of the story."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tenants.errors import WrongState
from tenants.rows import Row


class Project(Row):
    """Groups work inside a workspace."""

    name = models.CharField(max_length=80, unique=True)
    description = models.TextField(blank=True, max_length=2000)

    def __str__(self) -> str:
        return self.name


class Run(Row):
    """One execution of a crew or an agent, from the definitions that it started with (`snapshot`)."""

    class Kind(models.TextChoices):
        CREW = "crew", "Crew"
        AGENT = "agent", "Agent"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        WAITING = "waiting", "Waiting for a person"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        TIMED_OUT = "timed_out", "Timed out"
        OVER_BUDGET = "over_budget", "Over budget"

    class Origin(models.TextChoices):
        PERSON = "person", "A person"
        API = "api", "A program"
        SCHEDULE = "schedule", "A schedule"
        BRANCH = "branch", "A branch of another run"
        REPLAY = "replay", "A replay of another run"

    ENDED: ClassVar[frozenset[str]] = frozenset(
        {Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.TIMED_OUT, Status.OVER_BUDGET}
    )
    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        Status.QUEUED: frozenset({Status.RUNNING, Status.CANCELLED, Status.FAILED, Status.TIMED_OUT}),
        Status.RUNNING: frozenset({Status.QUEUED, Status.WAITING, *ENDED}),
        Status.WAITING: frozenset({Status.QUEUED, *ENDED}),
        **{status: frozenset() for status in ENDED},
    }

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=16, choices=Kind)
    subject_id = models.UUIDField(null=True, help_text="The crew or agent that was run.")
    title = models.CharField(max_length=160)
    snapshot = models.JSONField()
    manifest_digests = ArrayField(
        models.CharField(max_length=71),
        default=list,
        blank=True,
        help_text="The manifests of the market that its crew, its agents and their tools were copied from.",
    )
    inputs = models.JSONField(default=dict)
    pictures = models.JSONField(
        null=True, help_text="What it is shown: name, media_type, size, width, height, sha256 of each picture."
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    stop_reason = models.CharField(max_length=40, blank=True)
    stop_detail = models.TextField(blank=True)
    output = models.TextField(blank=True)
    output_json = models.JSONField(null=True)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))
    started_by_id = models.UUIDField()
    started_by = models.CharField(max_length=254)
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.PERSON)
    origin_id = models.UUIDField(null=True, help_text="The schedule that started it, where one did.")
    request_id = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="The request that started it, where one did."
    )
    hops = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How many runs led to it, each to the next, by webhooks or tools."
    )
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="branches")
    branch_task = models.CharField(max_length=120, blank=True, help_text="The first task that differs from the parent.")
    edits = models.JSONField(default=dict, help_text="What was changed against the parent.")
    asks_anew = models.BooleanField(default=False, help_text="Answers remembered from other runs do not serve.")
    priority = models.PositiveSmallIntegerField(default=5, help_text="1 to 9; 9 goes first in its workspace.")
    limits = models.JSONField(default=dict, help_text="What this run may use: usd, tokens, model_calls, at_limit.")
    seconds_allowed = models.PositiveIntegerField()
    deadline_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True, help_text="Time spent waiting for a person is not the run's.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="run_status_is_known",
                condition=Q(
                    status__in=[
                        "queued",
                        "running",
                        "waiting",
                        "succeeded",
                        "failed",
                        "cancelled",
                        "timed_out",
                        "over_budget",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="an_ended_run_says_when",
                condition=Q(status__in=["queued", "running", "waiting"]) | Q(finished_at__isnull=False),
            ),
            models.CheckConstraint(name="run_priority_in_range", condition=Q(priority__gte=1, priority__lte=9)),
            models.CheckConstraint(
                name="run_origin_is_known",
                condition=Q(origin__in=["person", "api", "schedule", "branch", "replay"]),
            ),
            models.CheckConstraint(
                name="a_failed_run_says_why",
                condition=~Q(status__in=["failed", "timed_out", "over_budget"]) | ~Q(stop_detail=""),
            ),
        ]
        indexes = [
            models.Index(name="runs_newest", fields=["-created_at", "-id"]),
            models.Index(name="runs_of_subject", fields=["subject_id", "-created_at"]),
            models.Index(name="runs_with_pictures", fields=["id"], condition=Q(pictures__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def has_ended(self) -> bool:
        return self.status in self.ENDED

    @property
    def is_offline(self) -> bool:
        return self.provider == "offline"

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    @property
    def was_begun(self) -> bool:
        """Whether a worker ever had it."""
        return self.fence > 0

    def move_to(self, status: Run.Status) -> None:
        """Change the status in memory; the caller holds the row lock and saves."""
        if status not in self.NEXT[self.status]:
            raise WrongState(
                f"This run is {self.get_status_display().lower()}; it cannot become {status.label.lower()}."
            )
        self.status = status


class AgentRun(Row):
    """One agent's work on one task of a run."""

    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        INTERRUPTED = "interrupted", "Interrupted"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="agent_runs")
    task = models.CharField(max_length=120)
    agent = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()
    attempt = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=16, choices=Status, default=Status.RUNNING)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))
    note = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_agent_run_per_attempt", fields=["run", "task", "attempt"]),
            models.CheckConstraint(
                name="agent_run_status_is_known",
                condition=Q(status__in=["running", "succeeded", "failed", "interrupted"]),
            ),
        ]
        ordering = ("position", "attempt")

    def __str__(self) -> str:
        return f"{self.agent}: {self.task}"


class StepOutput(Row):
    """The checkpoint of one finished task: a run that lost its worker goes on after it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    task = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()
    agent = models.CharField(max_length=120)
    output = models.TextField()
    output_json = models.JSONField(null=True)
    limited = models.BooleanField(default=False, help_text="The agent was cut off at max_iter.")
    edited = models.BooleanField(default=False, help_text="A person wrote or changed it.")
    taken_over = models.BooleanField(
        default=False, help_text="Copied from the run that this one continues or branches."
    )
    outside = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="The tool that brought in what others wrote."
    )
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))
    seconds = models.FloatField(default=0.0)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_output_per_task", fields=["run", "task"])]
        ordering = ("position",)

    def __str__(self) -> str:
        return self.task


class RunEvent(models.Model):
    """One numbered line of a run's story. `seq` grows by one from one, without gaps."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_event_per_number", fields=["run", "seq"]),
            models.CheckConstraint(name="event_numbers_start_at_one", condition=Q(seq__gte=1)),
        ]
        ordering = ("seq",)

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"
