"""Revocations, and what is told about runs of what came from the market. Public schema; no word of a workspace's content."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from tenants.rows import Row

LONGEST_MARK = 120


class Revocation(Row):
    """One digest (`sha256:…`) or one tool (`tool:<name>`) that a block covers. Lifting closes the row; it is never deleted.

    Several blocks may cover one digest: each has a row of its own, and the digest is free when all of them are lifted.
    """

    class Kind(models.TextChoices):
        SOFT = "soft", "No new installations"
        HARD = "hard", "Stopped everywhere"

    digest = models.CharField(max_length=LONGEST_MARK)
    kind = models.CharField(max_length=8, choices=Kind)
    block_id = models.UUIDField(help_text="The block that it belongs to.")
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(help_text="For everybody who holds it.")
    url = models.CharField(max_length=300, blank=True, help_text="Where more is said.")
    effective_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="revocation_kind_is_known", condition=Q(kind__in=["soft", "hard"])),
            models.CheckConstraint(name="a_revocation_says_why", condition=~Q(reason="")),
            models.UniqueConstraint(
                name="one_open_revocation_per_block_and_digest",
                fields=["block_id", "digest"],
                condition=Q(lifted_at__isnull=True),
            ),
        ]
        indexes = [models.Index(name="revocations_open", fields=["digest"], condition=Q(lifted_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.digest} {self.kind}"


class RevocationEpoch(models.Model):
    """The number of the last change of revocations: one row, raised in the transaction of each change."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_epoch", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.seq)


class RunOutcome(Row):
    """How one run with something from the market ended: what figures from real runs are made of."""

    class Kind(models.TextChoices):
        RUN = "run", "Run"
        SIMULATION = "simulation", "Simulation"

    digest = models.CharField(max_length=71)
    tenant_id = models.UUIDField()
    run_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=16)
    stop_reason = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))
    tokens = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0.0, help_text="From its first step to its end.")
    ended_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_outcome_per_run_and_digest", fields=["run_id", "digest"]),
            models.CheckConstraint(name="outcome_kind_is_known", condition=Q(kind__in=["run", "simulation"])),
        ]
        indexes = [models.Index(name="outcomes_of_digest", fields=["digest", "-ended_at"])]

    def __str__(self) -> str:
        return f"{self.digest} {self.status}"


class ViolationReport(Row):
    """A run of something from the market tried what nobody had allowed: which kind of thing, and no word of what."""

    digest = models.CharField(max_length=71)
    tenant_id = models.UUIDField()
    run_id = models.UUIDField()
    code = models.CharField(max_length=40, help_text="The kind of permission that was lacking.")

    class Meta:
        constraints = [models.UniqueConstraint(name="one_report_per_run_and_kind", fields=["run_id", "digest", "code"])]
        indexes = [models.Index(name="violations_of_digest", fields=["digest", "created_at"])]

    def __str__(self) -> str:
        return f"{self.digest} {self.code}"
