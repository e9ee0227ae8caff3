"""A workspace's scenarios, their plays, and every step of each play."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tenants.errors import WrongState
from tenants.rows import Row


class Scenario(Row):
    """A workspace's own copy of a scenario of the library: its defaults, its presets, where it came from."""

    key = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    summary = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True, max_length=10_000)
    parameters = models.JSONField(default=dict, help_text="Defaults that differ from the library's.")
    presets = models.JSONField(default=list, help_text="[{name, title, description, parameters}]")
    policy = models.CharField(max_length=16, default="rule")
    steps = models.PositiveIntegerField(default=300)
    seed = models.BigIntegerField(null=True, help_text="Empty: another one for each play.")
    source = models.CharField(
        max_length=180, blank=True, help_text="publisher/listing@version, or empty for the library."
    )

    grants = ArrayField(
        models.CharField(max_length=300),
        null=True,
        blank=True,
        help_text="What whoever installed it allowed; null for a scenario that was made here.",
    )
    manifest_digest = models.CharField(
        max_length=71, blank=True, help_text="The manifest of the market that it was copied from."
    )

    class Meta:
        indexes = [models.Index(name="scenarios_newest", fields=["-created_at", "-id"])]

    def __str__(self) -> str:
        return self.name


class Simulation(Row):
    """One play of a scenario. `until` is the step at which it rests: `steps`, or the next one when stepping."""

    class Status(models.TextChoices):
        READY = "ready", "Ready"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        COMPLETED = "completed", "Completed"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    ENDED: ClassVar[frozenset[str]] = frozenset({Status.COMPLETED, Status.FAILED, Status.STOPPED})
    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        Status.READY: frozenset({Status.RUNNING, Status.STOPPED}),
        Status.RUNNING: frozenset({Status.PAUSED, *ENDED}),
        Status.PAUSED: frozenset({Status.RUNNING, Status.STOPPED}),
        **{status: frozenset() for status in ENDED},
    }

    scenario = models.ForeignKey(Scenario, on_delete=models.SET_NULL, null=True, related_name="simulations")
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=160)
    seed = models.BigIntegerField()
    parameters = models.JSONField()
    policy = models.CharField(max_length=16)
    steps = models.PositiveIntegerField()
    until = models.PositiveIntegerField()
    step = models.PositiveIntegerField(default=0)
    pace = models.FloatField(default=0, help_text="Steps in a second; 0 is as fast as possible.")
    status = models.CharField(max_length=16, choices=Status, default=Status.READY)
    stop_reason = models.CharField(max_length=40, blank=True)
    stop_detail = models.TextField(blank=True)
    metrics = models.JSONField(default=dict)
    digest = models.CharField(max_length=32, blank=True)
    checkpoint = models.JSONField(null=True)
    manifest_digests = ArrayField(
        models.CharField(max_length=71),
        default=list,
        blank=True,
        help_text="The manifests of the market that its scenario was copied from.",
    )
    started_by_id = models.UUIDField()
    started_by = models.CharField(max_length=254)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="simulation_status_is_known",
                condition=Q(status__in=["ready", "running", "paused", "completed", "failed", "stopped"]),
            ),
            models.CheckConstraint(
                name="an_ended_simulation_says_when",
                condition=Q(status__in=["ready", "running", "paused"]) | Q(finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_failed_simulation_says_why", condition=~Q(status="failed") | ~Q(stop_detail="")
            ),
            models.CheckConstraint(
                name="a_simulation_keeps_to_its_steps", condition=Q(step__lte=F("until")) & Q(until__lte=F("steps"))
            ),
            models.CheckConstraint(name="pace_is_not_negative", condition=Q(pace__gte=0)),
        ]
        indexes = [models.Index(name="simulations_newest", fields=["-created_at", "-id"])]

    def __str__(self) -> str:
        return self.title

    @property
    def has_ended(self) -> bool:
        return self.status in self.ENDED

    def move_to(self, status: Status) -> None:
        """Change the status in memory; the caller holds the row lock and saves."""
        if status not in self.NEXT[self.status]:
            raise WrongState(
                f"This simulation is {self.get_status_display().lower()}; it cannot become {status.label.lower()}."
            )
        self.status = status


class Frame(models.Model):
    """One numbered message of a simulation: a picture of a step, or a change of its status. `seq` has no gaps."""

    class Kind(models.TextChoices):
        KEYFRAME = "keyframe", "Whole picture"
        DELTA = "delta", "Changes since the step before"
        STATUS = "status", "Status"

    id = models.BigAutoField(primary_key=True)
    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="frames")
    seq = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    payload = models.JSONField()
    metrics = models.JSONField(default=dict)
    digest = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_frame_per_number", fields=["simulation", "seq"]),
            models.UniqueConstraint(
                name="one_picture_per_step", fields=["simulation", "step"], condition=~Q(kind="status")
            ),
            models.CheckConstraint(name="frame_kind_is_known", condition=Q(kind__in=["keyframe", "delta", "status"])),
            models.CheckConstraint(name="frame_numbers_start_at_one", condition=Q(seq__gte=1)),
        ]
        ordering = ("seq",)

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} of step {self.step}"
