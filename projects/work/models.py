"""The queue of record. Celery and Redis only wake workers up; what must be done stands here, in the public schema."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tenants.rows import Row


class WorkItem(Row):
    """One thing for a worker to carry through, leased to at most one worker at a time.

    `fence` grows with every lease; a write that carries an older one is a zombie's and is refused.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    schema = models.CharField(max_length=63)
    kind = models.CharField(max_length=32)
    object_id = models.UUIDField()
    queue = models.CharField(max_length=32)
    priority = models.PositiveSmallIntegerField(default=5, help_text="9 goes first in its workspace.")
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    fence = models.PositiveIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    hinted_at = models.DateTimeField(null=True)
    again = models.BooleanField(default=False, help_text="Asked for once more while it was running.")
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_item_per_thing", fields=["schema", "kind", "object_id"]),
            models.CheckConstraint(
                name="a_running_item_has_a_lease",
                condition=~Q(state="running") | Q(lease_until__isnull=False) & ~Q(owner=""),
            ),
            models.CheckConstraint(
                name="work_state_is_known", condition=Q(state__in=["queued", "running", "done", "failed"])
            ),
        ]
        indexes = [
            models.Index(name="work_waiting", fields=["queue", "queued_at"], condition=Q(state="queued")),
            models.Index(name="work_next", fields=["schema", "-priority", "queued_at"], condition=Q(state="queued")),
            models.Index(F("lease_until"), name="work_leased", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} ({self.state})"


class Turn(models.Model):
    """When work of a workspace was last begun in a queue: of two with as little under way, the one that waits longer goes first."""

    pk = models.CompositePrimaryKey("schema", "queue")
    schema = models.CharField(max_length=63)
    queue = models.CharField(max_length=32)
    begun_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.schema} in {self.queue}"
