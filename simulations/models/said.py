"""What agents of a play said to one another."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from simulations.models.plays import Simulation

KINDS = ["direct", "broadcast", "topic"]


class PlayMessage(models.Model):
    """One message of a play, as it went over the bus: what `AgentMessage` is for a run, with the step and the agents' numbers.

    A play has no clock and may say more than is kept: `number` counts all messages of a step from 0, in the order in which they were sent.
    """

    id = models.BigAutoField(primary_key=True)
    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="messages")
    step = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    sender = models.CharField(max_length=120, help_text="The archetype and number of an agent; system: from outside.")
    sender_agent = models.PositiveIntegerField(null=True)
    recipient = models.CharField(
        max_length=120, blank=True, help_text="An agent, or neighbors; empty: all, or a topic."
    )
    recipient_agent = models.PositiveIntegerField(null=True)
    topic = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=16, default="direct", help_text="direct, broadcast or topic.")
    content = models.TextField()
    priority = models.PositiveSmallIntegerField(default=5)
    lives = models.PositiveIntegerField(null=True, help_text="For how many steps after its own it could be read.")
    heard = models.PositiveIntegerField(default=0, help_text="In how many inboxes it was put.")
    state = models.CharField(max_length=16, default="sent", help_text="sent, or dead with the reason in `note`.")
    note = models.CharField(max_length=200, blank=True)
    noted_at = models.PositiveIntegerField(null=True, help_text="The step in which it came to that.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_message_per_number", fields=["simulation", "step", "number"]),
            models.CheckConstraint(name="kind_of_a_message_is_known", condition=Q(kind__in=KINDS)),
            models.CheckConstraint(name="state_of_a_message_is_known", condition=Q(state__in=["sent", "dead"])),
        ]
        ordering = ("step", "number")

    def __str__(self) -> str:
        return f"{self.sender} at step {self.step}"
