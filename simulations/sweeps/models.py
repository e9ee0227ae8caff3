"""Sweeps, the sets of parameters they are over, and their runs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from simulations.models import Scenario, Simulation
from tenants.errors import WrongState
from tenants.rows import Row


class Sweep(Row):
    """One scenario over values of its parameters and seeds, in the name of who started it.

    `cap_calls` and `cap_usd` are for all runs together: no run begins once they are reached. `budget` is for each run.
    """

    class Kind(models.TextChoices):
        PARAMETERS = "parameters", "Values of parameters"
        SENSITIVITY = "sensitivity", "Coarser and finer bins"

    class Status(models.TextChoices):
        READY = "ready", "Ready"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        COMPLETED = "completed", "Completed"
        CANCELLED = "cancelled", "Cancelled"

    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        Status.READY: frozenset({Status.RUNNING, Status.CANCELLED}),
        Status.RUNNING: frozenset({Status.PAUSED, Status.COMPLETED, Status.CANCELLED}),
        Status.PAUSED: frozenset({Status.RUNNING, Status.CANCELLED}),
        Status.COMPLETED: frozenset({Status.RUNNING}),
        Status.CANCELLED: frozenset(),
    }

    scenario = models.ForeignKey(Scenario, on_delete=models.SET_NULL, null=True, related_name="sweeps")
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PARAMETERS)
    design = models.JSONField(help_text="grid, list, latin_hypercube or sobol, and seeds, as in a manifest's sweep.")
    parameters = models.JSONField(default=dict, help_text="What all runs have in common.")
    axes = ArrayField(models.CharField(max_length=60), default=list, help_text="The parameters that differ.")
    first_seed = models.BigIntegerField()
    policy = models.CharField(max_length=60, blank=True)
    assign = models.JSONField(default=dict, blank=True, help_text="{archetype: policy}, where they differ.")
    model = models.CharField(max_length=200, blank=True)
    budget = models.JSONField(default=dict, blank=True)
    cap_calls = models.PositiveIntegerField(null=True)
    cap_usd = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    steps = models.PositiveIntegerField()
    asks_models = models.BooleanField(default=False)
    estimate = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.READY)
    detail = models.CharField(max_length=300, blank=True, help_text="Why it rests, where nobody asked it to.")
    runs = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    reused = models.PositiveIntegerField(default=0, help_text="Of those done: found finished before.")
    llm_calls = models.PositiveBigIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    cost = models.DecimalField(max_digits=14, decimal_places=6, default=Decimal(0))
    started_by_id = models.UUIDField()
    started_by = models.CharField(max_length=254)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sweep_status_is_known",
                condition=Q(status__in=["ready", "running", "paused", "completed", "cancelled"]),
            ),
            models.CheckConstraint(name="sweep_kind_is_known", condition=Q(kind__in=["parameters", "sensitivity"])),
            models.CheckConstraint(
                name="a_sweep_counts_its_runs", condition=Q(done__lte=F("runs")) & Q(failed__lte=F("runs") - F("done"))
            ),
            models.CheckConstraint(
                name="an_ended_sweep_says_when",
                condition=~Q(status__in=["completed", "cancelled"]) | Q(finished_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="sweeps_newest", fields=["-created_at", "-id"])]

    def __str__(self) -> str:
        return self.title

    def move_to(self, status: Status) -> None:
        """Change the status in memory; the caller holds the row lock and saves."""
        if status not in self.NEXT[self.status]:
            raise WrongState(
                f"This sweep is {self.get_status_display().lower()}; it cannot become {status.label.lower()}."
            )
        self.status = status


class Cell(models.Model):
    """One set of parameters (or one variant of the scenario), and the sums of its finished runs.

    `sums`: {metric: [n, mean, sum of squared deviations, least, most]}; `calls` are the model calls of its runs.
    """

    id = models.BigAutoField(primary_key=True)
    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="cells")
    number = models.PositiveIntegerField()
    parameters = models.JSONField()
    variant = models.CharField(max_length=160, blank=True)
    definition = models.JSONField(null=True, help_text="The changed manifest of a variant.")
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    llm_calls = models.PositiveBigIntegerField(default=0)
    sums: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_cell_per_number", fields=["sweep", "number"])]
        ordering = ("number",)

    def __str__(self) -> str:
        return f"cell {self.number}"


class Point(Row):
    """One run: a cell with a seed. `run_hash` names all plays that must come out equal; a finished one is not played again."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="points")
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="points")
    number = models.PositiveIntegerField()
    seed = models.BigIntegerField()
    run_hash = models.CharField(max_length=32)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    simulation = models.ForeignKey(Simulation, on_delete=models.SET_NULL, null=True, related_name="+")
    is_reused = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    metrics = models.JSONField(default=dict)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_point_per_number", fields=["sweep", "number"]),
            models.UniqueConstraint(name="one_point_per_run", fields=["sweep", "run_hash"]),
            models.CheckConstraint(
                name="point_status_is_known",
                condition=Q(status__in=["waiting", "running", "done", "failed", "cancelled"]),
            ),
        ]
        indexes = [
            models.Index(name="points_of_a_play", fields=["simulation"], condition=Q(status="running")),
            models.Index(name="points_by_status", fields=["sweep", "status", "number"]),
        ]
        ordering = ("number",)

    def __str__(self) -> str:
        return f"run {self.number}"
