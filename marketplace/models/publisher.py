"""Who publishes, and what may not be taken as a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tenants.rows import Row


class Publisher(Row):
    """Who answers for a listing. `namespace` is the first half of its address and is never given to anybody else.

    `standing` changes by decisions alone (`marketplace.moderation`): a restricted publisher's versions are always read by
    a person, a banned one publishes nothing.
    """

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

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


class PublisherMember(Row):
    """Somebody who acts for a publisher besides the owners and admins of its workspace."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        MAINTAINER = "maintainer", "Maintainer"

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="publishes_for")
    role = models.CharField(max_length=16, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_place_per_person_and_publisher", fields=["publisher", "user"]),
            models.CheckConstraint(name="publisher_role_is_known", condition=Q(role__in=["owner", "maintainer"])),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} acts for {self.publisher_id}"


class ReservedName(Row):
    """A namespace kept for somebody. `tenant_id` is who may have it; empty means nobody yet."""

    name = models.CharField(max_length=50, unique=True)
    why = models.CharField(max_length=200)
    tenant_id = models.UUIDField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class ProhibitedName(Row):
    """A word that neither a namespace nor the name of a listing may be or contain as one of its parts."""

    name = models.CharField(max_length=50, unique=True)
    why = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name
