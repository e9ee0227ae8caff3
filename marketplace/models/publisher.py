"""Who publishes, and what may not be taken as a name."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.rows import Row


class Publisher(Row):
    """Who answers for a listing. `namespace` is the first half of its address and is never given to anybody else."""

    class Standing(models.TextChoices):
        GOOD = "good", "Good"
        WARNED = "warned", "Warned"
        RESTRICTED = "restricted", "Restricted"
        BANNED = "banned", "Banned"

    namespace = models.CharField(max_length=50, unique=True)
    display_name = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    tenant_id = models.UUIDField(null=True, blank=True, unique=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    standing = models.CharField(max_length=16, choices=Standing, default=Standing.GOOD)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="publisher_standing_is_known", condition=Q(standing__in=["good", "warned", "restricted", "banned"])
            )
        ]

    def __str__(self) -> str:
        return self.display_name
