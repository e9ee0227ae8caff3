"""What a play leaves at every step: numbered messages, and where to go on from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from simulations.models.plays import Simulation


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
    payload = models.BinaryField(help_text="A binary frame; a status as JSON.")
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


class Checkpoint(models.Model):
    """All that a worker needs to go on from a step, as the engine packed it. Older ones make branches begin sooner."""

    id = models.BigAutoField(primary_key=True)
    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="checkpoints")
    step = models.PositiveIntegerField()
    body = models.BinaryField()
    newest = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_checkpoint_newest", fields=["simulation"], condition=Q(newest=True)),
            models.UniqueConstraint(name="one_checkpoint_per_step", fields=["simulation", "step"]),
        ]

    def __str__(self) -> str:
        return f"checkpoint of step {self.step}"
