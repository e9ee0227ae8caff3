"""Everything that happened, once, in order, and never changed."""

from __future__ import annotations

from django.db import models

from tenants.ids import uuid7


class ActivityLog(models.Model):
    """One line. Triggers refuse to change or delete it; at the commit it gets its number and the hash of the line before,
    so that a line taken out behind the triggers' back shows (`queries.verify_log`).

    `hash` is the SHA-256 of `prev_hash`, the number and the words of the line, as the database's function
    `moderation_line_hash` joins them.
    """

    class ActorKind(models.TextChoices):
        SYSTEM = "system", "The platform"
        AUTHOR = "author", "A publisher"
        MODERATOR = "moderator", "A moderator"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seq = models.BigIntegerField(null=True, unique=True, editable=False)
    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=16, choices=ActorKind)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=254)
    tenant_id = models.UUIDField(null=True)
    target_type = models.CharField(max_length=30)
    target_id = models.UUIDField(null=True)
    target_name = models.CharField(max_length=200)
    decision_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64, blank=True, editable=False)
    hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "activity log"
        constraints = [
            models.CheckConstraint(
                name="actor_kind_is_known", condition=models.Q(actor_kind__in=["system", "author", "moderator"])
            )
        ]
        indexes = [
            models.Index(name="activity_of_target", fields=["target_type", "target_id", "-at"]),
            models.Index(name="activity_newest", fields=["-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name}: {self.action} {self.target_name}"
