"""What people do with a play: change it, sit down in it, mark a step, show it to others."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from projects.models import Link
from simulations.models.plays import Simulation
from tenants.rows import Row


class Intervention(Row):
    """Something done to a play from outside. A worker stamps the step before it applies it, so that a replay does too."""

    class Kind(models.TextChoices):
        PARAMETER = "parameter", "Parameter"
        EVENT = "event", "Event"
        MESSAGE = "message", "Message"
        SEAT = "seat", "Seat"

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="interventions")
    number = models.PositiveIntegerField(help_text="Their order within the play, from 1.")
    step = models.PositiveIntegerField(null=True, help_text="The step at whose start it was applied; null: not yet.")
    kind = models.CharField(max_length=12, choices=Kind)
    target = models.CharField(max_length=120)
    value: models.JSONField[Any, Any] = models.JSONField(null=True)
    by_id = models.UUIDField(null=True)
    by = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_intervention_per_number", fields=["simulation", "number"]),
            models.CheckConstraint(
                name="intervention_kind_is_known", condition=Q(kind__in=["parameter", "event", "message", "seat"])
            ),
        ]
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"


class Seat(Row):
    """A person who decides for one agent, until they leave."""

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="seats")
    archetype = models.CharField(max_length=60)
    agent = models.PositiveIntegerField()
    taken_by_id = models.UUIDField()
    taken_by = models.CharField(max_length=254)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_person_per_seat", fields=["simulation", "agent"], condition=Q(left_at__isnull=True)
            )
        ]
        ordering = ("created_at",)

    def __str__(self) -> str:
        return f"{self.taken_by} as agent {self.agent}"


class Bookmark(Row):
    """A step worth coming back to, with a word on why."""

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="bookmarks")
    step = models.PositiveIntegerField()
    note = models.CharField(max_length=1000, blank=True)
    made_by_id = models.UUIDField()
    made_by = models.CharField(max_length=254)

    class Meta:
        ordering = ("step", "created_at")

    def __str__(self) -> str:
        return f"step {self.step}"


class SimulationLink(Link):
    """A link with which anybody may look at one play."""

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="links")

    class Meta(Link.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"link to {self.simulation_id}"
