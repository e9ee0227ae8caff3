"""Which rules there are, what they found in which version, and what people made of it. All of it in the public schema."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from marketplace.models import ListingVersion
from tenants.rows import Row


class CheckRule(Row):
    """How a rule is used. A rule that has no row is new: it is looked at and recorded, and stops nothing.

    `enforced`: what it finds wrong keeps a version from being published; without, it is only recorded.
    `required`: without having looked at it no version passes, so it cannot be switched off.
    """

    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    enabled = models.BooleanField(default=True)
    enforced = models.BooleanField(default=False)
    required = models.BooleanField(default=False)

    class Meta:
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(name="a_required_rule_is_enabled", condition=Q(required=False) | Q(enabled=True)),
            models.CheckConstraint(name="an_enforced_rule_is_enabled", condition=Q(enforced=False) | Q(enabled=True)),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.title}"

    @property
    def mode(self) -> str:
        """One word for lists: off, monitor, enforced or required."""
        if not self.enabled:
            return "off"
        return "required" if self.required else "enforced" if self.enforced else "monitor"


class CheckRun(Row):
    """One look at one version with the rules as they were. Rows are added, never changed."""

    class Cause(models.TextChoices):
        SUBMITTED = "submitted", "Submitted"
        RETRO = "retro", "Looked at again"
        ASKED = "asked", "Asked for by staff"

    version = models.ForeignKey(ListingVersion, on_delete=models.PROTECT, related_name="check_runs")
    digest = models.CharField(max_length=71)
    cause = models.CharField(max_length=16, choices=Cause, default=Cause.SUBMITTED)
    passed = models.BooleanField()
    missing = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    rules = ArrayField(models.CharField(max_length=60), default=list, help_text="The codes that were looked at.")
    release = models.CharField(max_length=40, help_text="Of the rules.")
    seconds = models.FloatField()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(name="check_cause_is_known", condition=Q(cause__in=["submitted", "retro", "asked"])),
            models.CheckConstraint(
                name="without_a_required_rule_nothing_passes", condition=Q(passed=False) | Q(missing=[])
            ),
        ]
        indexes = [models.Index(name="checks_of_a_version", fields=["version", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.version} {'passed' if self.passed else 'did not pass'}"


class Finding(Row):
    """One thing that a rule noticed. Only what people make of it changes."""

    class Severity(models.TextChoices):
        INFO = "info", "For information"
        WARNING = "warning", "Warning"
        ERROR = "error", "Error"

    class Verdict(models.TextChoices):
        OPEN = "", "Not looked at"
        TRUE = "true_positive", "Right"
        FALSE = "false_positive", "False alarm"
        UNSURE = "inconclusive", "Cannot be told"

    run = models.ForeignKey(CheckRun, on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(max_length=60)
    severity = models.CharField(max_length=8, choices=Severity)
    path = models.CharField(max_length=500, blank=True)
    line = models.PositiveIntegerField(null=True)
    column = models.PositiveIntegerField(null=True)
    message = models.TextField()
    fix = models.TextField()
    evidence = models.CharField(
        max_length=40, blank=True, help_text="First characters and a keyed hash, never the thing."
    )
    enforced = models.BooleanField()
    verdict = models.CharField(max_length=16, choices=Verdict, default=Verdict.OPEN, blank=True)
    verdict_by_id = models.UUIDField(null=True, blank=True)
    verdict_by_name = models.CharField(max_length=254, blank=True)
    verdict_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at", "id")
        constraints = [
            models.CheckConstraint(
                name="finding_severity_is_known", condition=Q(severity__in=["info", "warning", "error"])
            ),
            models.CheckConstraint(
                name="finding_verdict_is_somebodys",
                condition=Q(verdict="", verdict_at__isnull=True, verdict_by_id__isnull=True)
                | Q(
                    verdict__in=["true_positive", "false_positive", "inconclusive"],
                    verdict_at__isnull=False,
                    verdict_by_id__isnull=False,
                ),
            ),
        ]
        indexes = [models.Index(name="findings_of_a_rule", fields=["code", "verdict"])]

    def __str__(self) -> str:
        return f"{self.code} at {self.path or 'the top'}"

    @property
    def group(self) -> str:
        """The reason that it belongs to, in the words of decisions."""
        return self.code.partition(".")[0]


class Fingerprint(Row):
    """What the words of a version are recognised by: see `shingles`. `bands` is for finding, `rows` for comparing."""

    version = models.OneToOneField(ListingVersion, on_delete=models.CASCADE, related_name="fingerprint")
    rows = ArrayField(models.BigIntegerField())
    bands = ArrayField(models.BigIntegerField())

    class Meta:
        indexes = [GinIndex(name="mark_bands", fields=["bands"])]

    def __str__(self) -> str:
        return f"Fingerprint of {self.version_id}"
