"""The plays of scenarios."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from simulations.models.scenarios import Scenario
from tenants.errors import WrongState
from tenants.rows import Row


class Simulation(Row):
    """One play of a scenario. `until` is the step at which it rests: `steps`, or the next one when stepping.

    A `replay` plays its parent's log again, a `branch` does so up to `branched_at` and goes its own way from there.
    """

    class Status(models.TextChoices):
        READY = "ready", "Ready"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        COMPLETED = "completed", "Completed"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    class Mode(models.TextChoices):
        LIVE = "live", "Live"
        REPLAY = "replay", "Replay"
        BRANCH = "branch", "Branch"

    ENDED: ClassVar[frozenset[str]] = frozenset({Status.COMPLETED, Status.FAILED, Status.STOPPED})
    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        Status.READY: frozenset({Status.RUNNING, Status.STOPPED}),
        Status.RUNNING: frozenset({Status.PAUSED, *ENDED}),
        Status.PAUSED: frozenset({Status.RUNNING, Status.STOPPED}),
        **{status: frozenset() for status in ENDED},
    }

    scenario = models.ForeignKey(Scenario, on_delete=models.SET_NULL, null=True, related_name="simulations")
    key = models.CharField(max_length=60)
    definition = models.JSONField(
        default=dict,
        blank=True,
        help_text="The manifest as it was when the play began; empty: the library's of that key.",
    )
    scenario_digest = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=160)
    seed = models.BigIntegerField()
    parameters = models.JSONField()
    policy = models.CharField(max_length=60)
    assign = models.JSONField(default=dict, blank=True, help_text="{archetype: policy}, where they differ.")
    model = models.CharField(max_length=200, blank=True, help_text="A name or a capability; empty: the scenario's.")
    budget = models.JSONField(default=dict, blank=True, help_text="{calls, tokens, usd, after_cap: rules|pause|stop}")
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.LIVE)
    parent = models.ForeignKey("self", on_delete=models.RESTRICT, null=True, related_name="children")
    branched_at = models.PositiveIntegerField(null=True)
    overrides = models.JSONField(default=dict, blank=True, help_text="What a branch changes, by name.")
    run_hash = models.CharField(max_length=32, blank=True, help_text="Equal for plays that must come out equal.")
    steps = models.PositiveIntegerField()
    until = models.PositiveIntegerField()
    step = models.PositiveIntegerField(default=0)
    pace = models.FloatField(default=0, help_text="Steps in a second; 0 is as fast as possible.")
    status = models.CharField(max_length=16, choices=Status, default=Status.READY)
    stop_reason = models.CharField(max_length=40, blank=True)
    stop_detail = models.TextField(blank=True)
    metrics = models.JSONField(default=dict)
    digest = models.CharField(max_length=32, blank=True)
    population = models.JSONField(default=dict, help_text="{archetype: how many at the beginning}, in order.")
    served_by = models.CharField(max_length=200, blank=True, help_text="provider/model that answered last.")
    decisions = models.JSONField(default=dict, help_text="{source: how many agents it decided for}")
    fallbacks = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0, help_text="Choices that were not legal.")
    llm_calls = models.PositiveIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    cost = models.DecimalField(max_digits=14, decimal_places=6, default=Decimal(0))
    said_kept = models.PositiveIntegerField(default=0, db_default=0, help_text="Messages between agents that are kept.")
    said_cut_at = models.PositiveIntegerField(null=True, help_text="The first step of which some are not.")
    waiting = models.JSONField(null=True, help_text="The questions to people that it rests for; null: to nobody.")
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
            models.CheckConstraint(name="cost_of_a_play_is_not_negative", condition=Q(cost__gte=0)),
            models.CheckConstraint(
                name="a_play_has_the_parent_it_needs",
                condition=Q(mode="live", parent__isnull=True, branched_at__isnull=True)
                | Q(mode="replay", parent__isnull=False, branched_at__isnull=True)
                | Q(mode="branch", parent__isnull=False, branched_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="simulations_newest", fields=["-created_at", "-id"]),
            models.Index(name="simulations_same", fields=["run_hash"]),
        ]

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
