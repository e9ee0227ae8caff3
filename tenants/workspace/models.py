"""What every workspace keeps in its own schema: keys, the audit log, remembered requests."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.models import Membership
from tenants.rows import Row

LONGEST_ADDRESS = 45  # of IPv6 as text


class ApiKey(Row):
    """A key for programs. Only its digest is kept; it acts as its maker, at most with `role`."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    role = models.CharField(max_length=16, choices=Membership.Role, default=Membership.Role.OPERATOR)
    user_id = models.UUIDField()
    made_by = models.CharField(max_length=254)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="api_key_role_is_known", condition=Q(role__in=["owner", "admin", "operator", "viewer"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} (gh_{self.prefix}…)"


class DataKey(Row):
    """A key that seals this workspace's secrets, itself wrapped by the operator's (`tenants.sealing`)."""

    number = models.PositiveIntegerField(unique=True)
    wrapped = models.BinaryField()
    wrapped_by = models.CharField(max_length=16, help_text="Fingerprint of the operator's key.")

    def __str__(self) -> str:
        return f"key {self.number}"


class AuditEntry(Row):
    """Who did what to what. Rows are added, never changed or deleted: the database refuses it (migration 0004)."""

    action = models.CharField(max_length=64)
    target_type = models.CharField(max_length=32, blank=True)
    target_id = models.UUIDField(null=True)
    target_name = models.CharField(max_length=200, blank=True)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=254)
    via = models.CharField(max_length=16)
    address = models.CharField(
        max_length=LONGEST_ADDRESS, blank=True, default="", db_default="", help_text="Where the request came from."
    )
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(name="audit_newest", fields=["-created_at", "-id"])]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.by_name}: {self.action} {self.target_name}".strip()


class RememberedRequest(Row):
    """The answer to a POST that carried an Idempotency-Key, so that sending it again does nothing twice."""

    user_id = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_answer_per_idempotency_key", fields=["user_id", "key"])]

    def __str__(self) -> str:
        return self.key
