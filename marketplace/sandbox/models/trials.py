"""A sample that somebody tried before installing."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.models import ListingVersion
from marketplace.sandbox.models.plays import Play


class Trial(Play):
    """One try, shown to whoever has its link. Only the digest of the link's secret is kept; `manifest` stands for a draft's."""

    version = models.ForeignKey(ListingVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="trials")
    manifest = models.JSONField(null=True, blank=True)
    title = models.CharField(max_length=120)
    link_digest = models.CharField(max_length=64, unique=True)
    caller = models.CharField(max_length=64, help_text="A keyed hash of the address or the user, for the limits.")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="trial_state_is_known", condition=Q(state__in=["waiting", "running", "done", "broken"])
            ),
            models.CheckConstraint(
                name="a_trial_is_of_one_thing",
                condition=Q(version__isnull=False, manifest__isnull=True)
                | Q(version__isnull=True, manifest__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="trials_by_end", fields=["expires_at"]),
            models.Index(name="trials_of_caller", fields=["caller", "-created_at"]),
        ]

    def __str__(self) -> str:
        return self.title
