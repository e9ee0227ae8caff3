"""Which workspace holds what."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.models.listing import Listing
from marketplace.models.version import ListingVersion
from tenants.rows import Row


class InstallLedger(Row):
    """Which workspace holds which version: what the platform needs to warn and to count, and nothing more."""

    class State(models.TextChoices):
        INSTALLED = "installed", "Installed"
        REMOVED = "removed", "Removed"

    tenant_id = models.UUIDField()
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="ledger")
    listing_version = models.ForeignKey(ListingVersion, on_delete=models.PROTECT, related_name="ledger")
    digest = models.CharField(max_length=71)
    state = models.CharField(max_length=16, choices=State, default=State.INSTALLED)
    seen_version_id = models.UUIDField(
        null=True, help_text="The newest version that the workspace was made to look at."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_ledger_line_per_workspace_and_listing", fields=["tenant_id", "listing"]),
            models.CheckConstraint(name="ledger_state_is_known", condition=Q(state__in=["installed", "removed"])),
        ]
        indexes = [models.Index(name="ledger_holders", fields=["listing_version", "state"])]

    def __str__(self) -> str:
        return f"{self.tenant_id} holds {self.listing_version_id}"
