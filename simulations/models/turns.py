"""What was said in a conversation. The answers are those of the runs, which are kept where runs are."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from simulations.models.plays import Simulation
from tenants.rows import Row


class Turn(Row):
    """What a person said, and the run that answers it; the last one, of kind `results`, is the run that sums it all up."""

    class Kind(models.TextChoices):
        SAID = "said", "Said"
        RESULTS = "results", "Results"

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="turns")
    number = models.PositiveIntegerField(help_text="From 1.")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SAID)
    message = models.TextField(blank=True)
    run_id = models.UUIDField(unique=True)
    said_by_id = models.UUIDField()
    said_by = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_turn_per_number", fields=["simulation", "number"]),
            models.UniqueConstraint(name="results_once", fields=["simulation"], condition=Q(kind="results")),
            models.CheckConstraint(name="turn_kind_is_known", condition=Q(kind__in=["said", "results"])),
            models.CheckConstraint(name="something_was_said", condition=Q(kind="results") | ~Q(message="")),
        ]
        ordering = ("number",)

    def __str__(self) -> str:
        return f"turn {self.number}"
