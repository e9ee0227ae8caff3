"""What viewers of a play are told once."""

from __future__ import annotations

from django.db import models

from simulations.models.plays import Simulation


class Hello(models.Model):
    """The space, the columns of the frames, the layers and the metrics: as `simulations.engine.frames.hello` says it."""

    simulation = models.OneToOneField(Simulation, on_delete=models.CASCADE, primary_key=True, related_name="hello")
    content = models.JSONField()

    def __str__(self) -> str:
        return f"hello of {self.simulation_id}"
