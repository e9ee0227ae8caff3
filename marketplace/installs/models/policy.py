"""What a workspace lets in from the marketplace."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from marketplace.installs.models.installation import UpdatePolicy
from tenants.rows import Row

KINDS = ("agent", "crew", "scenario", "tool")


class InstallPolicy(Row):
    """The one set of rules of a workspace, looked at when something is installed and when it is updated. An empty list allows all."""

    class Risk(models.IntegerChoices):
        LOW = 1, "Low"
        MEDIUM = 2, "Medium"
        HIGH = 3, "High"

    only = models.BooleanField(default=True, unique=True, editable=False)
    publishers = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    kinds = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    highest_risk = models.PositiveSmallIntegerField(choices=Risk, default=Risk.HIGH)
    needs_approval = models.BooleanField(default=False)
    update_policy = models.CharField(max_length=8, choices=UpdatePolicy, default=UpdatePolicy.MANUAL)
    changed_by = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="there_is_one_install_policy", condition=Q(only=True)),
            models.CheckConstraint(name="highest_risk_is_known", condition=Q(highest_risk__in=[1, 2, 3])),
            models.CheckConstraint(
                name="default_update_policy_is_known", condition=Q(update_policy__in=["manual", "patch", "latest"])
            ),
        ]

    def __str__(self) -> str:
        return "What may be installed here"
