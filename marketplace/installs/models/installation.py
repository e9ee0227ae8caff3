"""What a workspace took from the marketplace: copies with a digest, so that nothing outside can change them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from agents.models import Agent, Crew
from agents.tools.models import ConfiguredTool
from simulations.models import Scenario
from tenants.errors import WrongState
from tenants.rows import Row


class UpdatePolicy(models.TextChoices):
    """Which newer versions come by themselves. One that may do more than the present one never does."""

    MANUAL = "manual", "Only when somebody here says so"
    PATCH = "patch", "Corrections by themselves (1.2.3 to 1.2.4)"
    LATEST = "latest", "Every newer version by itself"


class Installation(Row):
    """One listing, pinned to one version. `lock` says what it was resolved to on the day; `number` is its present pin's.

    What it was copied to is `crew`, `agent`, `tool` or `scenario`. `copied_digest` is the copy as it was made, so that what people
    here changed can be told. A removed one keeps its copies in `put_away` until `undo_until`.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        REMOVED = "removed", "Removed"

    NEXT: ClassVar[dict[str, set[str]]] = {State.ACTIVE: {State.REMOVED}, State.REMOVED: {State.ACTIVE}}

    listing_id = models.UUIDField()
    version_id = models.UUIDField()
    publisher = models.CharField(max_length=50)
    slug = models.CharField(max_length=50)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)
    semver = models.CharField(max_length=64)
    digest = models.CharField(max_length=71)
    manifest = models.JSONField()
    number = models.PositiveIntegerField(default=1)
    lock = models.JSONField(default=dict)
    lock_digest = models.CharField(max_length=71, blank=True)
    bindings: models.JSONField[Any, Any] = models.JSONField(default=dict, help_text="Slot to what fills it here.")
    copied_digest = models.CharField(max_length=71, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    removed_at = models.DateTimeField(null=True, blank=True)
    undo_until = models.DateTimeField(null=True, blank=True)
    put_away: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=254)
    update_policy = models.CharField(max_length=8, choices=UpdatePolicy, default=UpdatePolicy.MANUAL)
    policy_by_id = models.UUIDField(null=True, blank=True, help_text="Who answers for what comes by itself.")
    offered_version_id = models.UUIDField(null=True, blank=True)
    offered_semver = models.CharField(max_length=64, blank=True)
    offer_note = models.CharField(max_length=400, blank=True, help_text="Why the offer did not come by itself.")
    override_reason = models.CharField(
        max_length=400, blank=True, help_text="Why an admin installed it though blocked."
    )
    override_by = models.CharField(max_length=254, blank=True)
    override_at = models.DateTimeField(null=True, blank=True)
    crew = models.OneToOneField(Crew, on_delete=models.SET_NULL, null=True, blank=True, related_name="installation")
    agent = models.OneToOneField(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="installation")
    tool = models.OneToOneField(
        ConfiguredTool, on_delete=models.SET_NULL, null=True, blank=True, related_name="installation"
    )
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
            models.CheckConstraint(
                name="update_policy_is_known", condition=Q(update_policy__in=["manual", "patch", "latest"])
            ),
            models.CheckConstraint(
                name="override_has_a_name_and_a_day",
                condition=Q(override_reason="") | ~Q(override_by="") & Q(override_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="installation_newest", fields=["-created_at", "-id"]),
            models.Index(
                name="installation_offered",
                fields=["id"],
                condition=Q(state="active", offered_version_id__isnull=False),
            ),
        ]

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
    """One permission that somebody here has given to an installation; what has no row is denied. `digest` is the manifest that asked."""

    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="grants")
    code = models.CharField(max_length=300)
    digest = models.CharField(max_length=71)
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=254)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_grant_per_permission", fields=["installation", "code"])]

    def __str__(self) -> str:
        return self.code
