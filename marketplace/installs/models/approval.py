"""A request to install or to update, where the workspace wants an admin to look first."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from marketplace.installs.models.installation import Installation
from tenants.errors import WrongState
from tenants.rows import Row


class Approval(Row):
    """What somebody wants to install, with what they would grant. An admin's yes carries it out in the admin's name."""

    class State(models.TextChoices):
        PENDING = "pending", "Waits for an admin"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    NEXT: ClassVar[dict[str, set[str]]] = {
        State.PENDING: {State.APPROVED, State.REFUSED, State.WITHDRAWN},
        State.APPROVED: set(),
        State.REFUSED: set(),
        State.WITHDRAWN: set(),
    }

    listing_id = models.UUIDField()
    version_id = models.UUIDField()
    ref = models.CharField(max_length=101)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)
    semver = models.CharField(max_length=64)
    digest = models.CharField(max_length=71)
    installation = models.ForeignKey(
        Installation, on_delete=models.CASCADE, null=True, blank=True, related_name="approvals"
    )
    grants = ArrayField(models.CharField(max_length=300), default=list)
    bindings: models.JSONField[Any, Any] = models.JSONField(default=dict)
    edits = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    asked_by_id = models.UUIDField()
    asked_by = models.CharField(max_length=254)
    decided_by = models.CharField(max_length=254, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                name="one_open_request_per_listing", fields=["listing_id"], condition=Q(state="pending")
            ),
            models.CheckConstraint(
                name="approval_state_is_known", condition=Q(state__in=["pending", "approved", "refused", "withdrawn"])
            ),
            models.CheckConstraint(
                name="a_decided_request_has_a_date", condition=Q(state="pending") | Q(decided_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.semver} for {self.asked_by}"

    @property
    def publisher(self) -> str:
        return self.ref.partition("/")[0]

    @property
    def slug(self) -> str:
        return self.ref.partition("/")[2]

    def move_to(self, state: State) -> None:
        """Change the state in memory; the caller holds the row lock and saves."""
        if state not in self.NEXT[self.state]:
            raise WrongState(f"This request is {self.get_state_display().lower()} already.")
        self.state = state
