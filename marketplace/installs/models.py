"""What a workspace took from the marketplace: copies with a digest, so that nothing outside can change them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from agents.models import Crew
from simulations.models import Scenario
from tenants.errors import WrongState
from tenants.rows import Row


class Installation(Row):
    """One listing, pinned to one version. `lock` says what it was resolved to on the day."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        REMOVED = "removed", "Removed"

    NEXT: ClassVar[dict[str, set[str]]] = {State.ACTIVE: {State.REMOVED}, State.REMOVED: set()}

    listing_id = models.UUIDField()
    version_id = models.UUIDField()
    publisher = models.CharField(max_length=50)
    slug = models.CharField(max_length=50)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)
    semver = models.CharField(max_length=64)
    digest = models.CharField(max_length=71)
    manifest = models.JSONField()
    lock = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    removed_at = models.DateTimeField(null=True, blank=True)
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=254)
    crew = models.OneToOneField(Crew, on_delete=models.SET_NULL, null=True, blank=True, related_name="installation")
    scenario = models.OneToOneField(
        Scenario, on_delete=models.SET_NULL, null=True, blank=True, related_name="installation"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_installation_per_listing", fields=["listing_id"], condition=~Q(state="removed")
            ),
            models.CheckConstraint(name="installation_state_is_known", condition=Q(state__in=["active", "removed"])),
            models.CheckConstraint(
                name="removed_installation_has_a_date", condition=~Q(state="removed") | Q(removed_at__isnull=False)
            ),
        ]
        indexes = [models.Index(name="installation_newest", fields=["-created_at", "-id"])]

    def __str__(self) -> str:
        return f"{self.title} {self.semver}"

    @property
    def ref(self) -> str:
        return f"{self.publisher}/{self.slug}"

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    def move_to(self, state: State) -> None:
        """Change the state in memory; the caller holds the row lock and saves."""
        if state not in self.NEXT[self.state]:
            raise WrongState(f"{self.title} is {self.get_state_display().lower()} already.")
        self.state = state


class Grant(Row):
    """One permission that somebody here has given to an installation; what has no row is denied."""

    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="grants")
    code = models.CharField(max_length=300)
    digest = models.CharField(max_length=71)
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=254)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_grant_per_permission", fields=["installation", "code"])]

    def __str__(self) -> str:
        return self.code
