"""What somebody means to publish, before it is sent."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tenants.rows import Row


class Draft(Row):
    """One intended version. The crew, agent or scenario is read anew whenever the draft is looked at; sending takes the snapshot.

    `about` is what a person says about it, in the sections of `marketplace.manifest.from_workspace.About`.
    """

    class Kind(models.TextChoices):
        CREW = "crew", "Crew"
        AGENT = "agent", "Agent"
        SCENARIO = "scenario", "Scenario"

    kind = models.CharField(max_length=8, choices=Kind)
    source_id = models.UUIDField(help_text="The crew, agent or scenario of this workspace.")
    source_name = models.CharField(max_length=160)
    listing_id = models.UUIDField(null=True, blank=True, help_text="The own listing of which this is the next version.")
    about = models.JSONField(default=dict)
    visibility = models.CharField(max_length=16, default="public")
    saved = ArrayField(models.CharField(max_length=16), default=list, blank=True, help_text="Tasks that were saved.")
    version_id = models.UUIDField(null=True, blank=True, help_text="What it was sent in as.")
    sent_at = models.DateTimeField(null=True, blank=True)
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.CheckConstraint(name="draft_kind_is_known", condition=Q(kind__in=["crew", "agent", "scenario"])),
            models.CheckConstraint(
                name="draft_visibility_is_known",
                condition=Q(visibility__in=["private", "shared", "unlisted", "public"]),
            ),
            models.CheckConstraint(
                name="a_sent_draft_says_when", condition=Q(version_id__isnull=True) | Q(sent_at__isnull=False)
            ),
        ]
        indexes = [models.Index(name="drafts_newest", fields=["-updated_at", "-id"])]

    def __str__(self) -> str:
        return str(self.about.get("metadata", {}).get("title") or self.source_name)
