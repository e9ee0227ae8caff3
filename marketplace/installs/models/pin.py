"""Every version that an installation was ever pinned to, whole: what a rollback needs, whatever became of the listing."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from marketplace.installs.models.installation import Installation
from tenants.rows import Row


class Pin(Row):
    """One numbered lock. `copied` is what was made of the manifest here, in the runtime's own terms. Rows are added, never changed."""

    class How(models.TextChoices):
        INSTALLED = "installed", "Installed"
        UPDATED = "updated", "Updated"
        AUTOMATIC = "automatic", "Updated by itself"
        ROLLED_BACK = "rolled_back", "Rolled back"

    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="pins")
    number = models.PositiveIntegerField()
    how = models.CharField(max_length=12, choices=How)
    version_id = models.UUIDField()
    semver = models.CharField(max_length=64)
    digest = models.CharField(max_length=71)
    manifest: models.JSONField[Any, Any] = models.JSONField()
    lock: models.JSONField[Any, Any] = models.JSONField()
    lock_digest = models.CharField(max_length=71)
    copied: models.JSONField[Any, Any] = models.JSONField()
    copied_digest = models.CharField(max_length=71)
    bindings: models.JSONField[Any, Any] = models.JSONField(default=dict)
    grants = ArrayField(models.CharField(max_length=300), default=list)
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=254)

    class Meta:
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(name="one_pin_of_a_number", fields=["installation", "number"]),
            models.CheckConstraint(
                name="pin_way_is_known", condition=Q(how__in=["installed", "updated", "automatic", "rolled_back"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.semver}, number {self.number}"
