"""What waits for a person of the platform."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from marketplace.moderation.models.targets import FIELDS, Targeted, exactly_one


class ReviewTask(Targeted):
    """One piece of reading and deciding.

    `weight` orders the queue, heaviest first; `weight_info` says what it is made of, as {reason: points}. An open task always
    has a day by which it is due. A claim is a lease: who lets it run out, loses it.
    """

    class Kind(models.TextChoices):
        VERSION = "version", "A version to review"
        REPORT = "report", "Reported"
        APPEAL = "appeal", "An appeal"
        RETRO = "retro", "A second look"
        PUBLISHER = "publisher", "A publisher"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    kind = models.CharField(max_length=16, choices=Kind)
    reasons = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    weight = models.PositiveIntegerField(default=0)
    weight_info = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    claimed_by_id = models.UUIDField(null=True, blank=True)
    claimed_by_name = models.CharField(max_length=254, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=200, blank=True)
    closed_by_decision = models.ForeignKey(
        "moderation.Decision", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        constraints = [
            exactly_one("task_has_one_target"),
            models.CheckConstraint(
                name="task_kind_is_known", condition=Q(kind__in=["version", "report", "appeal", "retro", "publisher"])
            ),
            models.CheckConstraint(name="task_state_is_known", condition=Q(state__in=["open", "closed"])),
            models.CheckConstraint(
                name="open_task_is_due_some_day", condition=~Q(state="open") | Q(due_at__isnull=False)
            ),
            models.CheckConstraint(
                name="claim_is_a_lease",
                condition=Q(claimed_by_id__isnull=True, lease_until__isnull=True)
                | Q(claimed_by_id__isnull=False, lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="closed_task_says_why",
                condition=~Q(state="closed")
                | Q(closed_at__isnull=False) & (Q(closed_by_decision__isnull=False) | ~Q(closed_why="")),
            ),
            models.UniqueConstraint(
                name="one_open_task_per_kind_and_target",
                fields=["kind", *FIELDS],
                condition=Q(state="open") & ~Q(kind="appeal"),
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(name="task_queue", fields=["-weight", "due_at", "id"], condition=Q(state="open")),
            models.Index(name="task_due", fields=["due_at"], condition=Q(state="open")),
            GinIndex(name="task_reasons", fields=["reasons"], condition=Q(state="open")),
            models.Index(name="task_of_version", fields=["version"]),
            models.Index(name="task_of_listing", fields=["listing"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, due {self.due_at:%d %B}" if self.due_at else self.get_kind_display()

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    def held_by(self, *, now: datetime) -> UUID | None:
        """Who has claimed it and still holds the lease."""
        return self.claimed_by_id if self.lease_until is not None and self.lease_until > now else None
